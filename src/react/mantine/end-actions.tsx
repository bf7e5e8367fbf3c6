import { useEffect, useRef } from 'react'
import type { AbortView, CreateEntryView } from '../../view.ts'
import { useSelected } from '../client-state.ts'
import { existingFlow } from '../existing-flow.ts'
import { useLatchkey } from '../provider.ts'
import { useAction } from '../use-action.ts'
import { repairFor } from '../use-repair.ts'
import { errorText } from './error-text.ts'
import { Note } from './note.tsx'
import type { FlowService } from './step-frame.tsx'
import type { ComponentTexts } from './use-texts.ts'

/** The props of a result that is shown. */
export interface FlowEndProps {
  readonly view: AbortView | CreateEntryView
  /** The name of the entry. */
  readonly name: string
  readonly texts: ComponentTexts
  readonly service: FlowService
  readonly onClose: () => void
  /** Called with the flow to show next. */
  readonly onGoOn: (flowId: string) => void
  readonly onShow?: ((entryId: string) => void) | undefined
}

/** Starts a flow after a result. `open` calls `onGoOn` with it. */
export function useNext(onGoOn: (flowId: string) => void) {
  const client = useLatchkey()
  const { pending, error, run } = useAction()
  const open = async (
    name: string,
    start: (calls: typeof client) => Promise<{ readonly flowId: string }>,
  ): Promise<void> => {
    const flowId = await run(name, () => start(client).then((view) => view.flowId, existingFlow))
    if (flowId !== null) onGoOn(flowId)
  }
  return { pending, error, open }
}

/** The start of the flow that repeats a failed repair, or null if the entry needs none. */
export function useRetry(view: AbortView | CreateEntryView) {
  const { entryId, source } = view
  const item = useSelected(({ attention }) =>
    view.success || entryId === null ? undefined : attention.get(entryId),
  )
  if (view.success || entryId === null) return null
  const repair = item === undefined ? null : repairFor(item.reason)
  if (repair === null && (view.type !== 'abort' || view.reason !== 'wrong_account')) return null
  const again = repair ?? (source === 'reconfigure' ? 'reconfigure' : 'reauth')
  return async ({ entries }: ReturnType<typeof useLatchkey>) => {
    // The attention item may still name the flow that has just ended.
    if (item?.flowId && item.flowId !== view.flowId) return { flowId: item.flowId }
    return entries[again](entryId)
  }
}

/** The error of the last attempt to go on. */
export function Failure(props: { readonly texts: ComponentTexts; readonly error: unknown }) {
  const text = errorText(props.texts, props.error)
  return (
    text !== null && (
      <Note kind="attention" role="alert">
        {text}
      </Note>
    )
  )
}

/** A reference to the main button, which takes the focus, also after an action that failed: it disables the buttons. */
export function useMainFocus(isPending: boolean) {
  const main = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!isPending) main.current?.focus()
  }, [isPending])
  return main
}
