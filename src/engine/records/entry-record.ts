import * as z from 'zod'
import { UnreadableRecordError } from '../../errors.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord, FlowRecord } from '../../ports/store.ts'
import type { SubentryRecord } from '../../ports/subentry-record.ts'
import type { InitialSubentry } from '../connections/initial-content.ts'
import type { LiveConnection } from '../connections/live-connection.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { splitStoredValues } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { newId } from '../lib/new-id.ts'
import { isAhead } from '../lib/stored-time.ts'
import { sealSecrets, sealSubentry } from '../secrets/vault.ts'
import { refreshTimeOf } from './refresh-time.ts'

const fields = z.record(z.string(), z.json())

const reauth = z
  .object({
    since: z.number(),
    reason: z.enum(['invalid_auth', 'requested']),
    message: z.string().optional(),
  })
  .nullable()

const subentry = z.object({
  subentryId: z.string(),
  type: z.string(),
  title: z.string(),
  uniqueId: z.string().nullable(),
  data: fields,
  sealed: z.string().nullable(),
  revision: z.int().positive(),
  version: z.int().positive().optional(),
})

const subentries = z.object({ revision: z.int().positive(), items: z.array(subentry) }).optional()

const restorable = {
  version: z.int().positive(),
  data: fields,
  sealed: z.string(),
  options: fields,
  uniqueId: z.string().nullable().optional(),
  matchKey: z.string().optional(),
}

const previous = z.discriminatedUnion('why', [
  z.object({ why: z.literal('migrated'), ...restorable, subentries }),
  z.object({ why: z.literal('reconfigured'), ...restorable, reauth, rejected: z.boolean() }),
])

const record = z.object({
  scope: z.string(),
  entryId: z.string(),
  domain: z.string(),
  uniqueId: z.string().nullable(),
  title: z.string(),
  data: fields,
  sealed: z.string(),
  options: fields,
  version: z.int().positive(),
  revision: z.int().positive(),
  credentialRevision: z.int().positive(),
  rejectedRevision: z.int().positive().nullable(),
  reauth,
  disabled: z.boolean(),
  migrationError: z.string().nullable(),
  migrationPath: z.string().nullish(),
  previous: previous.optional(),
  proposal: z
    .object({
      since: z.number(),
      values: fields,
      dismissed: z.boolean(),
      followed: z.boolean().optional(),
    })
    .nullish(),
  dismissedAddresses: z.array(fields).optional(),
  ignored: z.boolean().optional(),
  discoveryKeys: z.array(z.string()).optional(),
  matchKey: z.string().optional(),
  titleFromService: z.boolean().optional(),
  announcedAs: z.string().optional(),
  linkGeneration: z.int().optional(),
  method: z.string().optional(),
  account: z.string().nullish(),
  address: z.string().nullish(),
  disabledAt: z.number().optional(),
  expiresAt: z.number().nullable().optional(),
  lease: z.object({ holder: z.string(), until: z.number() }).nullable().optional(),
  refreshFailure: z.object({ since: z.number(), reason: z.string(), overdue: z.boolean() }).nullish(),
  setupFailure: z
    .object({
      since: z.number(),
      reason: z.string(),
      tries: z.number(),
      retryAt: z.number().nullable(),
      explained: z
        .object({
          code: z.string(),
          params: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
        })
        .optional(),
    })
    .nullish(),
  refreshAt: z.number().nullish(),
  identityHeldBy: z.string().nullish(),
  refreshedAt: z.number().optional(),
  subentries,
  createdBy: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
})

/** Marks the records that this process has created. They need no validation. */
const OWN: unique symbol = Symbol('own')

/** Whether this version can read a stored entry. */
export function isReadable(entry: EntryRecord): boolean {
  return OWN in entry || record.safeParse(entry).success
}

/** Returns a stored entry. @throws UnreadableRecordError if this version cannot read it */
export function checkEntry(entry: EntryRecord): EntryRecord {
  if (isReadable(entry)) return entry
  throw new UnreadableRecordError('entry', entry.entryId)
}

/** Marks a record as created by this process. */
export function ownEntry(entry: EntryRecord): EntryRecord {
  return { ...entry, [OWN]: true } as EntryRecord
}

/** Returns the change that clears the failure of a setup; empty without one. */
export const withoutSetupFailure = ({ setupFailure }: EntryRecord): { readonly setupFailure?: null } =>
  setupFailure == null ? {} : { setupFailure: null }

/** Whether a process refreshes the token of an entry. A lease that ends later than any that a process takes is void. */
export const isLeased = ({ clock, limits }: Core, lease: EntryRecord['lease']): boolean =>
  isAhead(lease?.until, clock.now(), limits.refreshLease)

type RestorePoint = Pick<EntryRecord, 'version' | 'data' | 'sealed' | 'options' | 'uniqueId' | 'matchKey'>

/** Returns the values of an entry that restoring it needs. */
export function restorePointOf({
  version,
  data,
  sealed,
  options,
  uniqueId,
  matchKey,
}: EntryRecord): RestorePoint {
  return { version, data, sealed, options, uniqueId, ...(matchKey !== undefined && { matchKey }) }
}

/** The verified content of a new entry. */
export interface NewEntry {
  readonly uniqueId: string | null
  readonly title: string
  readonly data: JsonObject
  readonly secrets: JsonObject
  /** The connection of the account. Absent for an account that was not connected. */
  readonly live?: Pick<LiveConnection, 'account' | 'address' | 'expiresAt' | 'initial'>
}

/** Creates the first record of an entry, with the content that it begins with. @throws StoreError if its secrets cannot be encrypted */
export async function newEntry(
  core: Core,
  { flow, compiled }: { readonly flow: FlowRecord; readonly compiled: Compiled },
  { uniqueId, title, data, secrets, live }: NewEntry,
): Promise<EntryRecord> {
  const now = core.clock.now()
  const { scope, domain, flowId } = flow
  const refreshAt = refreshTimeOf(core, compiled, { ...data, ...secrets })
  const identity = { scope, entryId: newId(), domain, uniqueId, data }
  const items = await Promise.all(
    (live?.initial.subentries ?? []).map((each) => newSubentry(core, identity, each)),
  )
  return ownEntry({
    ...identity,
    title,
    titleFromService: true,
    sealed: await sealSecrets(core, identity, secrets),
    options: live?.initial.options ?? {},
    version: compiled.version,
    revision: 1,
    credentialRevision: 1,
    rejectedRevision: null,
    reauth: null,
    disabled: false,
    migrationError: null,
    ...(compiled.methods.size > 0 && { method: compiled.method }),
    ...(live?.account != null && { account: live.account }),
    ...(live?.address != null && { address: live.address }),
    ...(live?.expiresAt != null && { expiresAt: live.expiresAt }),
    ...(refreshAt !== null && { refreshAt }),
    ...(items.length > 0 && { subentries: { revision: 1, items } }),
    createdBy: flowId,
    createdAt: now,
    updatedAt: now,
  })
}

async function newSubentry(
  core: Core,
  entry: Pick<EntryRecord, 'scope' | 'entryId' | 'domain'>,
  { kind, title, uniqueId, values }: InitialSubentry,
): Promise<SubentryRecord> {
  const { data, secrets } = splitStoredValues({ storedForm: kind.fullForm }, values)
  const { type, version } = kind
  const content = {
    subentryId: newId(),
    type,
    title,
    uniqueId,
    data,
    revision: 1,
    ...(version > 1 && { version }),
  }
  return { ...content, sealed: await sealSubentry(core, entry, content, secrets) }
}
