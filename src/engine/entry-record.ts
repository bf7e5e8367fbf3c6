import * as z from 'zod'
import { UnreadableRecordError } from '../errors.ts'
import type { EntryRecord } from '../ports/store.ts'

const record = z.object({
  scope: z.string(),
  entryId: z.string(),
  domain: z.string(),
  uniqueId: z.string().nullable(),
  title: z.string(),
  data: z.record(z.string(), z.json()),
  sealed: z.string(),
  options: z.record(z.string(), z.json()),
  version: z.int().positive(),
  revision: z.int().positive(),
  credentialRevision: z.int().positive(),
  rejectedRevision: z.int().positive().nullable(),
  reauth: z.object({ since: z.number(), reason: z.enum(['invalid_auth', 'requested']) }).nullable(),
  disabled: z.boolean(),
  migrationError: z.string().nullable(),
  createdBy: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
})

const checked = new WeakSet<EntryRecord>()

/** @throws UnreadableRecordError where a stored entry is not what this version writes */
export function checkEntry(entry: EntryRecord): EntryRecord {
  if (!checked.has(entry)) {
    if (!record.safeParse(entry).success) throw new UnreadableRecordError('entry', entry.entryId)
    checked.add(entry)
  }
  return entry
}
