import { useCallback } from 'react'
import { useLatchkey } from '../../src/react/index.ts'
import { useActions } from './actions.tsx'
import { download } from './download.ts'

/** Returns a function that saves the diagnostics of an entry as a file. */
export function useDiagnostics(): (entryId: string) => Promise<void> {
  const { entries } = useLatchkey()
  const { act } = useActions()
  return useCallback(
    async (entryId) => {
      const found = await act(() => entries.diagnostics(entryId))
      if (found === null) return
      download(`diagnostics-${entryId}.json`, 'application/json', `${JSON.stringify(found, null, 2)}\n`)
    },
    [entries, act],
  )
}
