import { useCallback } from 'react'
import type { View } from '../../src/client/index.ts'
import { existingFlow } from '../../src/react/existing-flow.ts'
import { useActions } from './actions.tsx'
import { navigate } from './routes.ts'

/** Returns a function that starts a flow, or finds the open one, and opens its dialog. */
export function useOpenFlow(): (start: () => Promise<View>) => Promise<void> {
  const { act } = useActions()
  return useCallback(
    async (start) => {
      const flowId = await act(() => start().then((view) => view.flowId, existingFlow))
      if (flowId !== null) navigate({ flowId })
    },
    [act],
  )
}
