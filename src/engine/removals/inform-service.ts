import type { entryRemovalMachine } from '../../../machines/entry-removal.ts'
import type { AccountResult, RemovalResult } from '../../../machines/entry-removal-setup.ts'
import type { Reach } from '../../ports/authorizer.ts'
import type { JsonObject } from '../../ports/json.ts'
import { type Compiled, methodOf } from '../integrations/compiled.ts'
import { knownFields, secretsOf } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import type { Call } from '../lib/call.ts'
import { loggedError } from '../lib/redact.ts'
import { migrateEntry } from '../records/migrate-entry.ts'
import type { Removal } from '../records/removal-record.ts'
import { isLinked } from '../records/revoke-grant.ts'
import { openSecrets } from '../secrets/vault.ts'
import type { ActorsOf } from '../statecharts/actors.ts'

/** A host that removes an entry may stop at once. The call is then made, too. */
const STOPPING = { isAwaited: true, outlivesStop: true } as const

/** The values of a removed entry, in the version of its integration. */
interface Opened {
  readonly compiled: Compiled
  readonly values: JsonObject
}

/** An attempt to inform the service of a removed entry. */
interface Attempt {
  readonly core: Core
  readonly removal: Removal
  /** Has the deadline of all calls of the attempt. */
  readonly call: Call
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

  informService: (attempt) =>
    called(attempt, async ({ compiled: { integration }, stored }, reach) => {
      const remove = integration.onRemove as RemoveHook | undefined
      const { method } = attempt.removal.content
      await remove?.call(integration, stored, Object.assign(reach, { method }))
    }),

  revokeGrant: (attempt) =>
    called(attempt, async ({ compiled, values }, reach) => {
      const fields = knownFields(compiled, values)
      await compiled.integration.authorize?.revoke?.(values, Object.assign(reach, { fields }))
    }),
} satisfies ActorsOf<typeof entryRemovalMachine, Attempt>

type RemoveHook = (stored: unknown, context: unknown) => Promise<void>

/** Calls the integration with the values of a removed entry. */
async function called(
  { core, removal, call }: Attempt,
  work: (opened: Opened & { readonly stored: unknown }, reach: Reach) => Promise<void>,
): Promise<RemovalResult> {
  const opened = await open(core, removal)
  if (opened === null) return failedNow(core)
  const { compiled, values } = opened
  const { success, data: stored } = compiled.storedSchema.safeParse(values)
  if (!success) return failed(core, removal, { code: 'invalid_values' })
  const secrets = [...secretsOf(compiled, { values })]
  const attempt = async () => {
    await work({ ...opened, stored }, core.connector.reach(call))
    return { type: 'done' } as const
  }
  const outcome = await core.connector.calls.run({ compiled, call, secrets, attempt, ...STOPPING })
  if (outcome.type === 'done') return outcome
  // A rejected credential is not tried again.
  if (outcome.error === 'invalid_auth') return { type: 'refused' }
  const { error: code, until = null } = outcome
  return failed(core, removal, { code, until })
}

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
): RemovalResult {
  if (attempts === 1)
    core.log.warn(
      { scope, entryId, domain, code },
      'The service of a removed entry could not be informed yet.',
    )
  return { ...failedNow(core), until }
}

const failedNow = ({ clock, random }: Core) =>
  ({ type: 'failed', now: clock.now(), random: random(), until: null }) as const
