import type { entryRemovalMachine } from '../../../machines/entry-removal.ts'
import type { AccountResult, RemovalResult } from '../../../machines/entry-removal-setup.ts'
import type { JsonObject } from '../../ports/json.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { knownFields, secretsOf } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { Call } from '../lib/call.ts'
import { loggedError } from '../lib/redact.ts'
import { migrateEntry } from '../records/migrate-entry.ts'
import type { Removal } from '../records/removal-record.ts'
import { isLinked } from '../records/revoke-grant.ts'
import { openSecrets } from '../secrets/vault.ts'
import type { ActorsOf } from '../statecharts/actors.ts'

/** The deadline of the calls of one attempt, in milliseconds. Shorter than `REMOVAL_LOST_AFTER`. */
const DEADLINE = 30_000

/** A host that removes an entry may stop at once. The call is then made, too. */
const STOPPING = { isAwaited: true, outlivesStop: true } as const

/** The values of a removed entry, in the version of its integration. */
interface Opened {
  readonly compiled: Compiled
  readonly values: JsonObject
}

/** The actors of a removal. */
export const removalActors = {
  async findOwner({ core, removal: { content } }): Promise<AccountResult> {
    const { domain, uniqueId, method } = content
    if (!(await isLinked(core, domain, uniqueId))) return { type: 'free' }
    const integration = core.integrations.get(domain)
    const revokes = integration && methodOf(integration, method).integration.authorize?.revokes
    return { type: revokes === 'token' ? 'shared' : 'linked' }
  },

  async informService({ core, removal }, { isShared, isTold }): Promise<RemovalResult> {
    let knows = isTold
    const opened = await open(core, removal)
    if (opened === null) return { ...failedNow(core), isTold }
    const { compiled, values } = opened
    const { onRemove, authorize } = compiled.integration
    const stored = compiled.storedSchema.safeParse(values)
    if (!stored.success) return { ...failed(core, removal, { code: 'invalid_values' }), isTold }
    const secrets = [...secretsOf(compiled, { values })]
    const call = new Call()
    const timer = core.clock.setTimeout(() => call.abort(), DEADLINE)
    const attempt = async () => {
      const reach = core.connector.reach(call)
      const { method } = removal.content
      const remove = onRemove as ((stored: unknown, context: unknown) => Promise<void>) | undefined
      if (!isShared && !isTold) {
        await remove?.call(compiled.integration, stored.data, Object.assign(reach, { method }))
        knows = true
      }
      const fields = knownFields(compiled, values)
      await authorize?.revoke?.(values, Object.assign(core.connector.reach(call), { fields }))
      return { type: 'informed' } as const
    }
    const outcome = await core.connector.calls.run({ compiled, call, secrets, attempt, ...STOPPING })
    core.clock.clearTimeout(timer)
    if (outcome.type === 'informed') return outcome
    // A rejected credential is not tried again.
    if (outcome.error === 'invalid_auth') return { type: 'refused' }
    const { error: code, until = null } = outcome
    return { ...failed(core, removal, { code, until }), isTold: knows }
  },
} satisfies ActorsOf<typeof entryRemovalMachine, { readonly core: Core; readonly removal: Removal }>

/** Decrypts the values of a removed entry. Returns null if this process cannot; the log has the reason. */
async function open(core: Core, { scope, content }: Removal): Promise<Opened | null> {
  const { entryId, domain, uniqueId, method, version, data, sealed, options } = content
  const fields = { scope, entryId, domain }
  const integration = core.integrations.get(domain)
  // Another process may have it, or have it in this version.
  if (integration === undefined || version > integration.version) return null
  const compiled = methodOf(integration, method)
  try {
    const secrets = await openSecrets(core, { ...fields, uniqueId, data, sealed })
    const opened = { version, uniqueId, data, secrets, options, subentries: [] }
    const { data: clear, secrets: hidden } =
      version < compiled.version ? migrateEntry(compiled, opened, 0) : opened
    return { compiled, values: { ...clear, ...hidden } }
  } catch (error) {
    core.log.warn(
      { ...fields, error: loggedError(error) },
      'The values of a removed entry could not be read.',
    )
    return null
  }
}

/** Logs the first failure of a removal. */
function failed(
  core: Core,
  { scope, content: { entryId, domain, attempts } }: Removal,
  { code, until = null }: { readonly code: string; readonly until?: number | null },
): Omit<Extract<RemovalResult, { type: 'failed' }>, 'isTold'> {
  if (attempts === 1)
    core.log.warn(
      { scope, entryId, domain, code },
      'The service of a removed entry could not be informed yet.',
    )
  return { ...failedNow(core), until }
}

const failedNow = ({ clock, random }: Core) =>
  ({ type: 'failed', now: clock.now(), random: random(), until: null }) as const
