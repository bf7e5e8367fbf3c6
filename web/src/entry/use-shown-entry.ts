import { useEffect, useState } from 'react'
import { type EntryView, ProblemError } from '../../../src/client/index.ts'
import { useSelected } from '../../../src/react/client-state.ts'
import { useLatchkey } from '../../../src/react/index.ts'

/**
 * The entry of a page. Reads it if the client's state does not have it: the state has not all entries while it loads, or
 * with very many of them. Null if the entry does not exist, and `undefined` until that is known.
 */
export function useShownEntry(entryId: string): EntryView | null | undefined {
  const { entries } = useLatchkey()
  const known = useSelected((state) => state.entries.get(entryId) ?? state.ignored.get(entryId))
  const isOpen = useSelected(({ connection }) => connection === 'open')
  const [goneId, setGoneId] = useState<string | null>(null)
  const isMissing = known === undefined
  useEffect(() => {
    if (!isMissing || !isOpen) return
    let left = false
    entries.get(entryId).catch((error: unknown) => {
      if (!left && error instanceof ProblemError && error.status === 404) setGoneId(entryId)
    })
    return () => {
      left = true
    }
  }, [entries, entryId, isMissing, isOpen])
  return known ?? (goneId === entryId ? null : undefined)
}
