import * as z from 'zod'
import type { AnyIntegration } from '../../src/authoring/integration.ts'
import type { Latchkey, View } from '../../src/index.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import { secondVersion } from '../engine/versions.ts'
import { logins } from './mended-service.ts'

/** A process that runs the integration of a change. */
interface ChangingHost {
  readonly latchkey: Latchkey
  readonly service: ScriptedService
}

/** A change of an entry, or a new one, in several writes. */
export interface Change {
  /** Prepares the database. */
  readonly on: 'empty' | 'linked'
  readonly service?: ConstructorParameters<typeof ScriptedService>[0]
  /** The integration of the host. Defaults to the one of the service. */
  readonly integration?: (service: ScriptedService) => AnyIntegration
  /** The interrupted call. The host has started before, unless the start itself is interrupted. */
  readonly play: (host: ChangingHost) => Promise<void>
  /** Continues after the next start, from the point of the interruption. */
  readonly finish: (host: ChangingHost) => Promise<void>
}

const domain = 'scripted'
const entryIdIn = async ({ entries }: Latchkey): Promise<string> =>
  (await entries.list()).items[0]?.entryId ?? ''
const options = z.object({ every: z.int().default(60) })
const found = { uniqueId: 'found', values: { host: 'found.example' }, key: 'mdns:1' }
const moved = { uniqueId: 'account', values: { host: logins.fresh.host }, key: 'mdns:2' }
const discover = ({ flows }: Latchkey, discovery: typeof found): Promise<View> =>
  flows.start({ domain, source: 'discovery', discovery })

/** The open flow of this source, or a new one. */
async function openOrStart(latchkey: Latchkey, source: 'options' | 'reconfigure' | 'replace'): Promise<View> {
  const open = (await latchkey.flows.list()).items.find((flow) => flow.source === source)
  return open ?? latchkey.flows.start({ source, entryId: await entryIdIn(latchkey) })
}

const reconfigure = async ({ latchkey }: ChangingHost): Promise<View> => {
  const form = await openOrStart(latchkey, 'reconfigure')
  return latchkey.flows.submit(form.flowId, logins.fresh, form)
}

/** A connection that was verified before a kill is lost: the form is shown again. */
const replace = async ({ latchkey }: ChangingHost): Promise<void> => {
  const { flows } = latchkey
  let view = await openOrStart(latchkey, 'replace')
  if (view.type === 'menu') view = await flows.choose(view.flowId, 'replace', view)
  if (view.type === 'form') view = await flows.submit(view.flowId, logins.fresh, view)
  await flows.choose(view.flowId, 'replace', view)
}

const setOptions = async ({ latchkey }: ChangingHost): Promise<void> => {
  const form = await openOrStart(latchkey, 'options')
  await latchkey.flows.submit(form.flowId, { every: 5 }, form)
}

const ignoreAndMove = async ({ latchkey }: ChangingHost): Promise<void> => {
  const open = (await latchkey.flows.list()).items[0]
  const isIgnored = (await latchkey.entries.list({ ignored: true })).items.length > 0
  if (open !== undefined || !isIgnored)
    await latchkey.flows.ignore((open ?? (await discover(latchkey, found))).flowId)
  await discover(latchkey, moved)
}

/** The device has moved: its old address fails, and the account answers at the announced one. */
const follow = async ({ latchkey, service }: ChangingHost): Promise<void> => {
  await discover(latchkey, moved)
  service.script('cannot_connect')
  await latchkey.entries.reload(await entryIdIn(latchkey))
}

/** Each of them, by its name. */
export const changes = {
  migration: {
    on: 'linked',
    integration: (service) => secondVersion(service),
    play: ({ latchkey }) => latchkey.start(),
    finish: async () => {},
  },
  'a reconfiguration that is undone and tried again': {
    on: 'linked',
    service: { adopt: false },
    play: async (host) => {
      host.service.script({ connect: 'account' }, 'cannot_connect')
      await reconfigure(host)
      await reconfigure(host)
    },
    finish: async (host) => {
      await reconfigure(host)
    },
  },
  'a replacement': {
    on: 'linked',
    integration: (service) => {
      service.accounts.set(logins.fresh.token, 'other')
      return service.integration
    },
    play: replace,
    finish: async (host) => {
      const [entry] = (await host.latchkey.entries.list()).items
      if (entry?.uniqueId === 'account') await replace(host)
    },
  },
  'a reconfiguration with a follow-up flow': {
    on: 'linked',
    service: { options, next: ({ source }) => (source === 'reconfigure' ? { source: 'options' } : null) },
    play: async (host) => void (await reconfigure(host)),
    finish: async (host) => {
      await reconfigure(host)
      await setOptions(host)
    },
  },
  options: { on: 'linked', service: { options }, play: setOptions, finish: setOptions },
  discovery: {
    on: 'linked',
    play: ignoreAndMove,
    finish: async (host) => {
      await ignoreAndMove(host)
      await reconfigure(host)
    },
  },
  'an address that is followed': {
    on: 'linked',
    service: { discovery: { followAddress: true } },
    play: follow,
    finish: async (host) => {
      await follow(host)
      await host.latchkey.entries.reload(await entryIdIn(host.latchkey))
    },
  },
  import: {
    on: 'empty',
    play: async ({ latchkey }) =>
      void (await latchkey.flows.start({ domain, source: 'import', input: logins.fresh })),
    finish: async ({ latchkey }) =>
      void (await latchkey.flows.start({ domain, source: 'import', input: logins.fresh })),
  },
} as const satisfies Record<string, Change>

/** A service whose account takes both logins, and what a host of a change runs on it. */
export function partsOf({ service: overrides, integration }: Change) {
  const service = new ScriptedService(overrides)
  for (const { token } of [logins.old, logins.fresh]) service.accounts.set(token, 'account')
  return { service, integration: integration?.(service) ?? service.integration }
}
