import { RevisionConflictError, SlotTakenError } from '../../errors.ts'
import type { Write } from '../../ports/store.ts'
import { deepFreeze } from '../deep-freeze.ts'
import type { MemoryShelf } from './scope-data.ts'

type Kind = 'entry' | 'flow' | 'attempts'
type Put = Extract<Write, { put: Kind }>
type Remove = Extract<Write, { remove: Kind }>

/**
 * Makes one write on a shelf, and gives back how to undo it.
 * @throws RevisionConflictError, SlotTakenError
 */
export function memoryWrite(shelf: MemoryShelf, write: Put | Remove): () => void {
  if ('remove' in write) return remove(shelf, write)
  switch (write.put) {
    case 'entry': {
      const { entryId, domain, uniqueId, exclusive } = write.record
      const before = follow('entry', entryId, shelf.entries.get(entryId), write.ifRevision)
      const holder = uniqueId === null ? undefined : shelf.holderOf(domain, uniqueId)
      if (holder !== undefined && holder !== entryId) throw new SlotTakenError('identity', holder)
      const only = exclusive === undefined ? undefined : shelf.exclusiveOf(domain, exclusive)
      if (only !== undefined && only !== entryId) throw new SlotTakenError('exclusive', only)
      shelf.setEntry(entryId, deepFreeze(write.record))
      return () => shelf.setEntry(entryId, before)
    }
    case 'flow': {
      const { flowId, domain, entryId, open, edits, slot, asked } = write.record
      const before = follow('flow', flowId, shelf.flows.get(flowId), write.ifRevision)
      const holder = open && edits && entryId !== null ? shelf.editorOf(entryId) : undefined
      if (holder !== undefined && holder !== flowId) throw new SlotTakenError('edit', holder)
      const held = open && slot !== undefined ? shelf.heldBy(domain, slot) : undefined
      if (held !== undefined && held !== flowId) throw new SlotTakenError('held', held)
      const opened = asked && shelf.askedBy(asked.principal, asked.key)
      if (opened !== undefined && opened !== flowId) throw new SlotTakenError('asked', opened)
      shelf.setFlow(flowId, deepFreeze(write.record))
      return () => shelf.setFlow(flowId, before)
    }
    case 'attempts': {
      const { key } = write.record
      const before = follow('attempts', key, shelf.attempts.get(key), write.ifRevision)
      shelf.setAttempts(key, deepFreeze(write.record))
      return () => shelf.setAttempts(key, before)
    }
  }
}

function remove(shelf: MemoryShelf, { remove: kind, id, ifRevision }: Remove): () => void {
  switch (kind) {
    case 'entry': {
      const before = follow(kind, id, shelf.entries.get(id), ifRevision)
      shelf.setEntry(id, undefined)
      return () => shelf.setEntry(id, before)
    }
    case 'flow': {
      const before = follow(kind, id, shelf.flows.get(id), ifRevision)
      shelf.setFlow(id, undefined)
      return () => shelf.setFlow(id, before)
    }
    case 'attempts': {
      const before = follow(kind, id, shelf.attempts.get(id), ifRevision)
      shelf.setAttempts(id, undefined)
      return () => shelf.setAttempts(id, before)
    }
  }
}

/** The stored record, if it is the one that the write replaces. */
function follow<Item extends { readonly revision: number }>(
  kind: Kind,
  id: string,
  stored: Item | undefined,
  ifRevision: number,
): Item | undefined {
  if ((stored?.revision ?? 0) !== ifRevision) throw new RevisionConflictError(kind, id)
  return stored
}
