import { VisuallyHidden } from '@mantine/core'
import { type ComponentType, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import type { LatchkeyClient, View } from '../../client/index.ts'
import type { AbortView, CreateEntryView, FormView, ProgressView } from '../../view.ts'
import { useSelected } from '../client-state.ts'
import { useLatchkey } from '../provider.ts'
import { useFlow } from '../use-flow.ts'
import { Discard } from './discard.tsx'
import { errorText } from './error-text.ts'
import { FlowEnd } from './flow-end.tsx'
import type { Fill } from './flow-form.tsx'
import { FlowHeading } from './flow-heading.tsx'
import { FlowStep } from './flow-step.tsx'
import { flowStyles } from './flow-styles.ts'
import { Note } from './note.tsx'
import { CancelFoot, DescriptionContext, type FlowService } from './step-frame.tsx'
import { Styles } from './styles.tsx'
import { useService } from './use-service.ts'
import { type ComponentTexts, type Texts, useTexts } from './use-texts.ts'
import { useSlow } from './use-time.ts'

/** A flow that has succeeded. */
export interface FlowDone {
  readonly view: CreateEntryView | AbortView
  /** The name of the entry. */
  readonly name: string
  /** The sentence about the result, for example for a toast. */
  readonly text: string
}

/** The props of the components that show a flow. */
export interface FlowProps {
  /** Called when the flow has ended or the user leaves it. */
  readonly onClose: () => void
  /** Called before `onClose` if the flow has succeeded. */
  readonly onDone?: (done: FlowDone) => void
  /** Shows an entry instead of the flow: called without `onClose`. Without it there are no buttons for that. */
  readonly onShow?: (entryId: string) => void
  /** Returns to the content before the flow. Adds a button to the first step. */
  readonly onBack?: () => void
  /** Content below the fields of a form. `fill` fills in fields. */
  readonly extra?: (view: FormView, fill: Fill) => ReactNode
  /** A text above the steps, for something that the flow's views do not show. */
  readonly notice?: string | undefined
  /** The integration of the flow: its picture and its help. Defaults to that of the list of integrations. */
  readonly service?: Partial<FlowService> | undefined
  /**
   * Whether the page around the flow has its title, and nothing to return to: the flow has no heading and no button to
   * cancel.
   */
  readonly isEmbedded?: boolean
  readonly texts?: Partial<Texts>
}

/** The parts that a dialog renders in its own way. */
interface Parts {
  readonly Title: ComponentType<{ className: string; children: ReactNode }>
  readonly Description: (props: { children: ReactNode }) => ReactNode
  /** Receives the function that leaves the flow. There is a button to close if it is given. */
  readonly leaveRef?: RefObject<() => void>
}

type End = CreateEntryView | AbortView

const isEnd = (view: View | null): view is End => view?.type === 'create_entry' || view?.type === 'abort'

/** The title of a flow and the name of its entry. A result has neither, so those of the last step are remembered. */
function useHeading(view: View | null) {
  const entryId = view?.entryId ?? null
  const entry = useSelected(({ entries }) => (entryId === null ? undefined : entries.get(entryId)))
  const [seen, setSeen] = useState<View>()
  if (view !== null && !isEnd(view) && view !== seen) setSeen(view)
  if (view === null) return null
  const shown = isEnd(view) && seen?.flowId === view.flowId && seen.language === view.language ? seen : view
  // The form of a refused address shows it, and the user is about to change it.
  const address = isTyped(shown) ? entry?.address : shown.address
  return { title: shown.title, address, name: entry?.title ?? shown.placeholders.name ?? view.domain }
}

/** Whether a refused form has its address as one of its fields. */
const isTyped = (view: View): boolean => {
  if (view.type !== 'form' || view.address === undefined || Object.keys(view.errors).length === 0)
    return false
  return view.order.some((field) => String(view.values[field]).includes(String(view.address)))
}

/** The current form, or the last one while the flow works on the submitted input. */
function useForm(view: View | null): FormView | null {
  const [last, setLast] = useState<FormView | null>(null)
  if (view?.type === 'form' && view !== last) setLast(view)
  if (view?.type === 'form') return view
  return view?.type === 'progress' && last?.flowId === view.flowId ? last : null
}

/** The flow to show: the one that was opened, or a later one. `before` is the result that led to it. */
function useChain(first: string) {
  const [reached, setReached] = useState<{ readonly flowId: string; readonly before: string | null }>()
  return {
    flowId: reached?.flowId ?? first,
    before: reached?.before ?? null,
    goOn: (flowId: string, before: string | null = null) => setReached({ flowId, before }),
  }
}

/** Calls `onRemoved` after the component was removed, for example because the browser has gone back. */
function useRemoval(onRemoved: () => unknown): void {
  const latest = useRef(onRemoved)
  latest.current = onRemoved
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    // Strict mode removes each component once, and adds it again.
    clearTimeout(timer.current)
    return () => {
      timer.current = setTimeout(() => latest.current())
    }
  }, [])
}

/** Returns the box of the step, which takes the focus when it is shown again after a question. */
function useStepFocus(asking: boolean): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null)
  const asked = useRef(asking)
  useEffect(() => {
    if (asked.current && !asking) box.current?.querySelector<HTMLElement>('[data-autofocus], input')?.focus()
    asked.current = asking
  }, [asking])
  return box
}

/**
 * The sources of flows that stay open when their dialog closes: other users can go on with a repair or a discovery, and
 * options are opened again. Others would keep the next edit of the entry from its own form.
 */
const STAYING: ReadonlySet<string> = new Set(['reauth', 'discovery', 'options'])

/** Shows a flow and the flows after it, until `onClose`. */
export function FlowFrame(props: FlowProps & Parts & { readonly flowId: string }) {
  const { onClose, notice, leaveRef, isEmbedded = false } = props
  const texts = useTexts(props.texts)
  const { t } = texts
  const { flowId, before, goOn } = useChain(props.flowId)
  const client = useLatchkey()
  const flow = useFlow(flowId)
  const { view, error } = flow
  const heading = useHeading(view)
  const form = useForm(view)
  const filled = useRef(0)
  const [asking, setAsking] = useState(false)
  const box = useStepFocus(asking)
  /** The flow that the user has cancelled here. */
  const cancelled = useRef<string | null>(null)
  const end = isEnd(view) ? view : null
  const working = view?.type === 'progress' && !('mayGoBack' in view) ? view : null
  const work: ProgressView | null = useSlow(working !== null) ? working : null

  const cancel = async (): Promise<void> => {
    // A discovery stays open for later, unless it is connecting.
    if (view?.source === 'discovery' && 'mayGoBack' in view) return onClose()
    cancelled.current = flowId
    if ((await flow.cancel()) !== null) onClose()
  }
  const leave = (): void => {
    const isTyped = view?.type === 'form' && view.source === 'user' && filled.current >= 2
    if (asking || isTyped) setAsking(!asking)
    else quit()
  }
  const drop = (): void => {
    // Another user may work on a flow that this one has only joined.
    const isOpen = end === null && view !== null && !STAYING.has(view.source)
    if (isOpen && client.flows.isOwn(flowId)) void client.flows.cancel(flowId).catch(() => {})
  }
  // The forward button of the browser returns to a setup. An edit would keep others from their form.
  useRemoval(() => leaveRef !== undefined && view?.source !== 'user' && drop())
  const quit = (): void => {
    drop()
    onClose()
  }
  if (leaveRef !== undefined) leaveRef.current = leave

  const name = heading?.name ?? view?.domain ?? ''
  const finished = useRef<string | null>(null)
  useEffect(() => {
    if (end === null || finished.current === end.flowId) return
    if (!end.success) {
      if (end.type === 'abort' && end.reason === 'cancelled' && cancelled.current === end.flowId) onClose()
      return
    }
    // The answer to the last call may name a follow-up flow that the event of the result does not.
    if (flow.pending) return
    finished.current = end.flowId
    void finish(end)
  })
  const finish = async (ended: End): Promise<void> => {
    const named = await nameOf(client, ended, name)
    const text = texts.endText(ended, named)
    if (ended.nextFlow !== undefined) {
      goOn(ended.nextFlow.flowId, text)
      return
    }
    props.onDone?.({ view: ended, name: named, text })
    onClose()
  }
  const choose: typeof flow.choose = async (choice) => {
    if (choice === 'cancel') cancelled.current = flowId
    return flow.choose(choice)
  }

  const service = useService(view, props.service)
  const wrong = end?.type === 'abort' && end.accounts !== undefined && !end.success
  const failure = view === null ? errorText(texts, error) : null
  const title = wrong ? t('wrongTitle') : (heading?.title ?? t(failure === null ? 'loading' : 'notShown'))
  const place = end === null && form?.position !== undefined ? [placeOf(form.position, t)] : []
  const sub = wrong
    ? [t('reconnecting', { name }), service.title].join(' · ')
    : [subOf(title, service, heading?.address), ...place].join(' · ')
  const status = work?.text ?? before ?? place[0] ?? ''
  const step = {
    flow: { ...flow, choose, pending: flow.pending || working !== null },
    texts,
    service,
    cancelLabel: isEmbedded ? null : t(before === null ? 'cancel' : 'notNow'),
    onCancel: () => void cancel(),
    onBack: before === null ? props.onBack : undefined,
  }
  return (
    <DescriptionContext value={props.Description}>
      <Styles name="flow" css={flowStyles} />
      <div className="lk-flow" data-flow={flowId}>
        {!isEmbedded && (
          <FlowHeading
            domain={view?.domain ?? ''}
            service={service}
            title={title}
            sub={sub}
            Title={props.Title}
            close={leaveRef === undefined ? undefined : { label: t('close'), onClick: leave }}
          />
        )}
        {isEmbedded && place[0] !== undefined && <div className="lk-body lk-place">{place[0]}</div>}
        <VisuallyHidden role="status">{status}</VisuallyHidden>
        {before !== null && end === null && (
          <div className="lk-body">
            <Note kind="ok">{before}</Note>
          </div>
        )}
        {notice !== undefined && end === null && (
          <div className="lk-body">
            <Note kind="attention" role="alert">
              {notice}
            </Note>
          </div>
        )}
        {asking && <Discard texts={texts} onDiscard={quit} onKeep={() => setAsking(false)} />}
        <div ref={box} hidden={asking}>
          {failure !== null ? (
            <>
              <div className="lk-body">
                <Note kind="attention" role="alert">
                  {failure}
                </Note>
              </div>
              <CancelFoot cancelLabel={t('close')} onCancel={onClose} />
            </>
          ) : end !== null && !end.success ? (
            <FlowEnd
              key={end.flowId}
              view={end}
              name={name}
              texts={texts}
              service={service}
              onClose={onClose}
              onGoOn={goOn}
              onShow={props.onShow}
            />
          ) : (
            <FlowStep
              {...step}
              view={view}
              form={form}
              work={work}
              extra={props.extra}
              onFilled={(count) => {
                filled.current = count
              }}
            />
          )}
        </div>
      </div>
    </DescriptionContext>
  )
}

/** The name of the entry of a result. A new entry may not be in the client's state yet, or only since the last render. */
async function nameOf(client: LatchkeyClient, { type, entryId }: End, fallback: string): Promise<string> {
  if (type !== 'create_entry') return fallback
  const known = client.getState().entries.get(entryId)
  if (known !== undefined) return known.title
  return client.entries.get(entryId).then(
    ({ title }) => title,
    () => fallback,
  )
}

const placeOf = ({ page, pages }: NonNullable<FormView['position']>, t: ComponentTexts['t']): string =>
  t('stepOf', { n: page, total: pages })

/** The line under the title: the service, unless the title names it, and its address. Never empty, so that the title stays in place. */
function subOf(title: string, service: FlowService, address: string | undefined): string {
  const named = title.includes(service.title) ? [] : [service.title]
  const parts = [...named, ...(address === undefined ? [] : [address])]
  return parts.length > 0 ? parts.join(' · ') : (service.description ?? service.title)
}
