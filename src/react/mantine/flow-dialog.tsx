'use client'
import { Alert, Button, Group, Modal, Stack } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { View } from '../../client/index.ts'
import type { FormView } from '../../view.ts'
import { useSelected } from '../client-state.ts'
import { useLatchkey } from '../provider.ts'
import { useFlow } from '../use-flow.ts'
import { errorText } from './error-text.ts'
import { FlowDevice } from './flow-device.tsx'
import { FlowEnd } from './flow-end.tsx'
import { FlowExternal } from './flow-external.tsx'
import { FlowMenu } from './flow-menu.tsx'
import { type Texts, useTexts } from './use-texts.ts'
import { Working } from './working.tsx'

type FormChunk = typeof import('./flow-form.tsx')

/** Loads the chunk of the form when `wanted` becomes true. `again` retries. */
function useFormChunk(wanted: boolean) {
  const [chunk, setChunk] = useState<FormChunk | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    if (!wanted || failed || chunk !== null) return
    import('./flow-form.tsx').then(setChunk, () => setFailed(true))
  }, [wanted, failed, chunk])
  return { FlowForm: chunk?.FlowForm, failed, again: () => setFailed(false) }
}

/** The title of a flow and the name of its entry. A result has neither, so those of the last step are remembered. */
function useHeading(view: View | null): { readonly title: string; readonly name: string } | null {
  const entryId = view?.entryId ?? null
  const known = useSelected(({ entries }) => (entryId === null ? undefined : entries.get(entryId)?.title))
  const [seen, setSeen] = useState<View>()
  const isEnd = view?.type === 'create_entry' || view?.type === 'abort'
  if (view !== null && !isEnd && view !== seen) setSeen(view)
  if (view === null) return null
  const shown = isEnd && seen?.flowId === view.flowId && seen.language === view.language ? seen : view
  return { title: shown.title, name: known ?? shown.placeholders.name ?? view.domain }
}

/** The current form, or the last one while the flow works on the submitted input. */
function useForm(view: View | null): FormView | null {
  const [last, setLast] = useState<FormView | null>(null)
  if (view?.type === 'form' && view !== last) setLast(view)
  if (view?.type === 'form') return view
  return view?.type === 'progress' && last?.flowId === view.flowId ? last : null
}

/** The flow to show: the one that was opened, or a follow-up flow. */
function useChain(first: string | null) {
  const [reached, setReached] = useState<{ readonly first: string | null; readonly flowId: string }>()
  const flowId = first !== null && reached?.first === first ? reached.flowId : first
  return { flowId, goOn: (next: string) => setReached({ first, flowId: next }) }
}

/**
 * A dialog for a flow and its follow-up flows. It is open while `flowId` is not null.
 *
 * @example
 * ```tsx
 * import { useLatchkey } from 'latchkey/react'
 * import { FlowDialog } from 'latchkey/react/mantine'
 * import { useState } from 'react'
 *
 * export function AddButton({ domain }: { domain: string }) {
 *   const { flows } = useLatchkey()
 *   const [flowId, setFlowId] = useState<string | null>(null)
 *   const add = async () => setFlowId((await flows.start({ source: 'user', domain })).flowId)
 *   return (
 *     <>
 *       <button onClick={add}>Add</button>
 *       <FlowDialog flowId={flowId} onClose={() => setFlowId(null)} />
 *     </>
 *   )
 * }
 * ```
 */
export function FlowDialog(props: {
  readonly flowId: string | null
  readonly onClose: () => void
  readonly texts?: Partial<Texts>
  /** A text above the steps, for something that the flow's views do not show. */
  readonly notice?: string | undefined
}) {
  const { onClose, notice } = props
  const { flowId, goOn } = useChain(props.flowId)
  const texts = useTexts(props.texts)
  const { t } = texts
  const client = useLatchkey()
  const flow = useFlow(flowId)
  const { view, error, pending } = flow
  const heading = useHeading(view)
  const form = useForm(view)
  const { FlowForm, failed, again } = useFormChunk(flowId !== null)

  const ended = view?.type === 'create_entry' || view?.type === 'abort'

  const cancel = async (): Promise<void> => {
    // A discovery stays open for later, unless it is connecting.
    if (view?.source === 'discovery' && 'mayGoBack' in view) return onClose()
    if ((await flow.cancel()) !== null) onClose()
  }
  const leave = (): void => {
    // A setup is cancelled with its dialog. A repair stays open for other users.
    if (view?.source === 'user' && !ended) void flow.cancel()
    if (ended && view.nextFlow !== undefined && view.nextFlow.source !== 'options')
      void client.flows.cancel(view.nextFlow.flowId).catch(() => {})
    onClose()
  }

  const step = { flow, texts, onCancel: cancel }
  const failure = failed ? t('unreachable') : view === null ? errorText(texts, error) : null
  return (
    <Modal
      opened={flowId !== null}
      onClose={leave}
      title={heading?.title ?? t('loading')}
      closeOnClickOutside={false}
      // The content disappears when the dialog closes.
      transitionProps={{ exitDuration: 0 }}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {notice !== undefined && !ended && (
        <Alert color="orange" role="alert" mb="sm">
          {notice}
        </Alert>
      )}
      {failure !== null && !ended ? (
        <Stack>
          <Alert color="orange" role="alert">
            {failure}
          </Alert>
          <Group justify="flex-end">
            {failed && (
              <Button variant="default" onClick={again}>
                {t('again')}
              </Button>
            )}
            <Button onClick={leave}>{t('close')}</Button>
          </Group>
        </Stack>
      ) : ended ? (
        <FlowEnd
          // The follow-up flow may become known after the result. Its button then takes the focus.
          key={`${view.flowId} ${view.revision}`}
          view={view}
          name={heading?.name ?? view.domain}
          texts={texts}
          onClose={leave}
          onGoOn={goOn}
        />
      ) : form !== null && FlowForm !== undefined ? (
        <FlowForm
          key={form.flowId}
          {...step}
          view={form}
          flow={{ ...flow, pending: pending || view !== form }}
        />
      ) : view?.type === 'menu' ? (
        <FlowMenu key={`${view.flowId} ${view.revision}`} {...step} view={view} />
      ) : view?.type === 'external' ? (
        <FlowExternal key={`${view.flowId} ${view.revision}`} {...step} view={view} />
      ) : view?.type === 'progress' && 'mayGoBack' in view ? (
        <FlowDevice key={view.flowId} {...step} view={view} />
      ) : (
        <>
          <Working active text={view?.type === 'progress' ? t('working') : t('loading')} />
          {view?.type === 'progress' && (
            <Group justify="flex-end">
              <Button variant="default" onClick={cancel}>
                {t('cancel')}
              </Button>
            </Group>
          )}
        </>
      )}
    </Modal>
  )
}
