import type { SnapshotFrom } from 'xstate'
import * as z from 'zod'
import { entryRemovalMachine } from '../../../machines/entry-removal.ts'
import { REMOVAL_LIFETIME } from '../../../machines/entry-removal-setup.ts'
import { UnreadableRecordError } from '../../errors.ts'
import type { RemovalRecord } from '../../ports/removals.ts'
import type { EntryRecord, Write } from '../../ports/store.ts'
import { methodOf } from '../integrations/compiled.ts'
import type { Core } from '../kernel/core.ts'
import { isBelievable } from '../lib/stored-time.ts'
import { Driver } from '../statecharts/driver.ts'

const json = z.record(z.string(), z.json())

const content = z.object({
  machine: z.literal('entry-removal@1'),
  step: z.enum([
    ...['waiting', 'findingOwner', 'informingService', 'revokingGrant'],
    ...['completed', 'skipped', 'given_up'],
  ] as const),
  entryId: z.string(),
  domain: z.string(),
  uniqueId: z.string().nullable(),
  method: z.string().nullable(),
  /** The stored values, for the version of the integration. `sealed` is bound to the entry and its unique id. */
  version: z.int().positive(),
  data: json,
  sealed: z.string(),
  options: json,
  attempts: z.int(),
  nextAt: z.number(),
  endsAt: z.number(),
  isTold: z.boolean().default(false),
  isRefused: z.boolean().default(false),
})

/** The content of the row of a removal. */
type RemovalContent = Omit<z.infer<typeof content>, 'data' | 'options'> &
  Pick<EntryRecord, 'data' | 'options'>

/** A removal whose row has been read. */
export interface Removal extends Pick<RemovalRecord, 'scope' | 'id' | 'revision'> {
  readonly content: RemovalContent
}

type RemovalSnapshot = SnapshotFrom<typeof entryRemovalMachine>

export const removalDriver = new Driver(entryRemovalMachine, { at: 0, isTold: false })

/** Validates a row. @throws UnreadableRecordError */
export function checkRemoval({ scope, id, revision, content: stored }: RemovalRecord): Removal {
  const read = content.safeParse(stored)
  if (!read.success) throw new UnreadableRecordError('removal', id)
  return { scope, id, revision, content: read.data }
}

/** Restores the machine of a removal. A time that cannot be true is one from now. */
export function resumeRemoval(removal: RemovalContent, now: number): RemovalSnapshot {
  const { step, attempts, isTold, isRefused } = removal
  const believed = (time: number, otherwise: number) =>
    isBelievable(time, now, REMOVAL_LIFETIME) ? time : otherwise
  const endsAt = believed(removal.endsAt, now + REMOVAL_LIFETIME)
  return removalDriver.resume(step, {
    attempts,
    nextAt: believed(removal.nextAt, now),
    endsAt,
    isShared: false,
    ...{ isTold, isRefused },
  })
}

/** Returns the removal after a step. */
export function removalAfter(removal: Removal, { value, context }: RemovalSnapshot): Removal {
  const { attempts, nextAt, endsAt, isTold, isRefused } = context
  const { step } = content.pick({ step: true }).parse({ step: value })
  return {
    ...removal,
    revision: removal.revision + 1,
    content: { ...removal.content, step, attempts, nextAt, endsAt, isTold, isRefused },
  }
}

/** Returns the row of a removal. */
export const removalRow = ({ scope, id, revision, content: removal }: Removal): RemovalRecord => ({
  ...{ scope, id, revision, content: removal },
  dueAt: removal.nextAt,
})

/** The write of a new removal. */
export type RemovalPut = Extract<Write, { readonly put: 'removal' }>

/** The reason of a removal. */
interface Reason {
  /** Whether only the grant is left to revoke. Otherwise the account is no longer linked, and its service does not know. */
  readonly isTold: boolean
  /** Whether the account stays linked with another grant. */
  readonly staysLinked: boolean
  /** The end of the id. An entry can lose several grants by one write. */
  readonly suffix?: string
}

/**
 * Returns the write that stores values which an entry loses, until its service has been informed. Empty if the integration
 * does not inform it.
 */
export function removalWrites(
  core: Core,
  entry: EntryRecord,
  { isTold, staysLinked, suffix = '' }: Reason,
): readonly RemovalPut[] {
  const integration = core.integrations.get(entry.domain)
  if (integration === undefined || entry.ignored === true) return []
  const { onRemove, authorize } = methodOf(integration, entry.method).integration
  if (onRemove === undefined && authorize?.revoke === undefined) return []
  // The service would also revoke the new grant of the account.
  if (staysLinked && authorize?.revokes !== 'token') return []
  const { scope, entryId, domain, uniqueId, method = null, version, data, sealed, options } = entry
  const { context } = removalDriver.start({ at: core.clock.now(), isTold }).snapshot
  const { attempts, nextAt, endsAt, isRefused } = context
  const removal: Removal = {
    scope,
    // An entry whose account is replaced several times has several removals.
    id: `${entryId}/${entry.revision}${suffix}`,
    revision: 1,
    content: {
      machine: 'entry-removal@1',
      step: 'waiting',
      ...{ entryId, domain, uniqueId, method, version, data, sealed, options },
      ...{ attempts, nextAt, endsAt, isTold, isRefused },
    },
  }
  return [{ put: 'removal', record: removalRow(removal), ifRevision: 0 }]
}
