import { useEffect, useRef, useState } from 'react'
import type { EntryView, View } from '../../../src/client/index.ts'
import { existingFlow } from '../../../src/react/existing-flow.ts'
import { useFlow, useLatchkey } from '../../../src/react/index.ts'
import type { FlowFormProps } from '../../../src/react/mantine/flow-form.tsx'
import { flowStyles } from '../../../src/react/mantine/flow-styles.ts'
import { Styles } from '../../../src/react/mantine/styles.tsx'
import { useService } from '../../../src/react/mantine/use-service.ts'
import { useTexts } from '../../../src/react/mantine/use-texts.ts'
import type { AbortView, CreateEntryView, FormView } from '../../../src/view.ts'
import { useActions } from '../actions.tsx'
import { useLanguage } from '../language.tsx'
import { lazily } from '../lazily.ts'

const FlowForm = lazily<FlowFormProps>(() =>
  import('../../../src/react/mantine/flow-form.tsx').then((chunk) => ({ default: chunk.FlowForm })),
)

type End = AbortView | CreateEntryView

const isEnd = (view: View | null): view is End => view?.type === 'abort' || view?.type === 'create_entry'
const hasErrors = (view: View | null): view is FormView =>
  view?.type === 'form' && Object.keys(view.errors).length > 0

/**
 * A form with the options of a connection. `form` has no flow: it begins with the first change, and until the server finds
 * errors the fields stay those of `form`, so that the focus stays where the user types.
 */
export function OptionsForm(props: {
  readonly entry: EntryView
  readonly form: FormView
  readonly onEnd: (end: End) => void
}) {
  const { entry, form, onEnd } = props
  const { t } = useLanguage()
  const texts = useTexts()
  const service = useService(form, undefined)
  const { act } = useActions()
  const { entries } = useLatchkey()
  const [flowId, setFlowId] = useState<string | null>(null)
  /** The input of a submit that waits for its flow. */
  const [waiting, setWaiting] = useState<object | null>(null)
  const [refused, setRefused] = useState<FormView | null>(null)
  const isOpening = useRef(false)
  const flow = useFlow(flowId)
  const { view } = flow
  if (hasErrors(view) && view !== refused) setRefused(view)

  const begin = async (): Promise<void> => {
    if (isOpening.current) return
    isOpening.current = true
    const opened = await act(() =>
      entries.changeOptions(entry.entryId).then((made) => made.flowId, existingFlow),
    )
    if (opened === null) {
      // The next change tries again.
      isOpening.current = false
      setWaiting(null)
    } else setFlowId(opened)
  }
  const submit = async (input: object): Promise<View | null> => {
    if (view?.type === 'form') return flow.submit(input)
    setWaiting(input)
    void begin()
    return null
  }
  useEffect(() => {
    if (waiting === null || view?.type !== 'form') return
    setWaiting(null)
    void flow.submit(waiting)
  })
  const ended = useRef(false)
  useEffect(() => {
    if (!isEnd(view) || ended.current) return
    ended.current = true
    onEnd(view)
  })

  const pending = flow.pending || waiting !== null || view?.type === 'progress'
  return (
    <>
      <Styles name="flow" css={flowStyles} />
      <div className="lk-flow">
        <FlowForm
          view={refused ?? form}
          flow={{ ...flow, submit, pending }}
          texts={texts}
          service={service}
          cancelLabel={flowId === null ? null : t('cancel')}
          onCancel={() => void flow.cancel()}
          work={null}
          keepsFocus
          onFilled={() => void begin()}
        />
      </div>
    </>
  )
}
