import type { Changes } from '../ports/feed.ts'
import type { Write } from '../ports/store.ts'

/** The content of a change: the ids of the records and the integrations that its transaction concerns. */
export type ChangedIds = Pick<Changes, 'entryIds' | 'flowIds' | 'domains'>

/** Whether a write is part of the feed: it changes an entry or a flow, or adds history. */
export const isChange = (write: Write): boolean =>
  'audit' in write ||
  ('put' in write && isWatched(write.put)) ||
  ('remove' in write && isWatched(write.remove))

const isWatched = (kind: string): boolean => kind === 'entry' || kind === 'flow'

/** Returns the ids of a transaction. */
export function changedIds(writes: readonly Write[]): ChangedIds {
  const ids = { entryIds: [] as string[], flowIds: [] as string[], domains: [] as string[] }
  const add = (to: keyof ChangedIds, id: string | null) => {
    if (id !== null && !ids[to].includes(id)) ids[to].push(id)
  }
  for (const write of writes) {
    if ('audit' in write) {
      const { entryId, flowId, code } = write.audit
      add('entryIds', entryId)
      add('flowIds', flowId)
      if (entryId === null && flowId === null) add('domains', code)
    } else if ('remove' in write) {
      if (write.remove === 'entry') add('entryIds', write.id)
      if (write.remove === 'flow') add('flowIds', write.id)
    } else if ('put' in write && write.put === 'entry') add('entryIds', write.record.entryId)
    else if ('put' in write && write.put === 'flow') {
      const { flowId, entryId, open } = write.record
      add('flowIds', flowId)
      // The attention item of an entry contains the id of its open flow.
      if (write.ifRevision === 0 || !open) add('entryIds', entryId)
    }
  }
  return ids
}

/** Returns the time of a transaction: the latest in its records. */
export function timeOf(writes: readonly Write[]): number {
  const times = writes.map((write) => {
    if ('audit' in write) return write.audit.at
    return 'put' in write && 'updatedAt' in write.record ? write.record.updatedAt : 0
  })
  return Math.max(...times) || Date.now()
}

/** Combines the ids of several changes, each id once. */
export function combinedIds(changes: readonly ChangedIds[]): ChangedIds {
  const all = (ids: keyof ChangedIds) => [...new Set(changes.flatMap((one) => one[ids]))]
  return { entryIds: all('entryIds'), flowIds: all('flowIds'), domains: all('domains') }
}
