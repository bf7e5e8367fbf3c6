import { Button } from '@mantine/core'
import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react'
import { type IntegrationItem, ProblemError } from '../../client/index.ts'
import type { DeviceView, ExternalView, FormView, MenuView } from '../../view.ts'
import type { FlowControls } from '../use-flow.ts'
import { errorText, isAway } from './error-text.ts'
import { Note } from './note.tsx'
import type { ComponentTexts } from './use-texts.ts'
import { useCountdown } from './use-time.ts'

type StepView = FormView | MenuView | ExternalView | DeviceView

/** The service of a flow, as the integration describes it. */
export type FlowService = Pick<IntegrationItem, 'title'> &
  Partial<Pick<IntegrationItem, 'icon' | 'docs' | 'description' | 'methods'>>

/** Renders the text that describes the dialog. */
export const DescriptionContext = createContext<(props: { children: ReactNode }) => ReactNode>(
  ({ children }) => <div>{children}</div>,
)

function StepText({ children }: { readonly children: ReactNode }) {
  const Description = useContext(DescriptionContext)
  return <Description>{children}</Description>
}

/** The props of a step. */
export interface StepProps<Shown extends StepView> {
  readonly view: Shown
  readonly flow: FlowControls
  readonly texts: ComponentTexts
  readonly service: FlowService
  /** The label of the button that leaves the flow. Null if the flow cannot be left. */
  readonly cancelLabel: string | null
  readonly onCancel: () => void
  /** Returns to the content before the flow, from its first step. */
  readonly onBack?: (() => void) | undefined
}

/** Renders a step with its description, the last error and its buttons. */
export function StepFrame(
  props: StepProps<StepView> & {
    /** Whether the step has input that was sent. */
    readonly isSent?: boolean
    /** Hides the error, for example once the user types. */
    readonly quiet?: boolean
    /** Shows only the content and the button to cancel, while the flow works. */
    readonly bare?: boolean
    /** Hides the description, because the content explains the step. */
    readonly isExplained?: boolean
    /** Renders the content. `wait` is the number of seconds until the next attempt is allowed. */
    readonly children: (wait: number) => ReactNode
    readonly primary?: (wait: number) => ReactNode
    /** Moves the focus into the step again when it changes. */
    readonly focusOn?: unknown
    /** Renders other buttons than the usual ones. */
    readonly foot?: (wait: number) => ReactNode
  },
) {
  const { view, flow, quiet = false, bare = false, focusOn } = props
  // After a refusal, its box explains the step.
  const isExplained = props.isExplained === true || view.errors.base !== undefined
  const { pending, error } = flow
  const base = view.errors.base
  const retryAfter =
    base?.retryAfter ?? (error instanceof ProblemError ? error.problem.retryAfter : undefined) ?? 0
  const wait = useCountdown(retryAfter, base?.retryAfter === undefined ? error : view)
  const box = useRef<HTMLDivElement>(null)
  // Mantine moves the focus only when the dialog opens, not for each step.
  useEffect(() => {
    if (pending) return
    const first = box.current?.querySelector<HTMLElement>('[data-autofocus]')
    // The pressed button of the last step was removed.
    const place = first ?? (document.activeElement === document.body ? box.current : null)
    place?.focus()
  }, [pending, focusOn])
  return (
    <div ref={box} tabIndex={-1} style={{ outline: 'none' }}>
      <div className="lk-body">
        {view.message !== undefined && !bare && (
          <Note kind="info" role="note">
            {view.message}
          </Note>
        )}
        {!pending && !quiet && !bare && <StepError {...props} wait={retryAfter} />}
        {view.description !== undefined && !bare && !isExplained && <StepText>{view.description}</StepText>}
        {props.children(wait)}
      </div>
      {bare ? (
        <CancelFoot {...props} />
      ) : (
        (props.foot?.(wait) ?? <Foot {...props} primary={props.primary?.(wait)} />)
      )}
    </div>
  )
}

/** The last error of a step: the call that failed, or the refusal of the service. */
function StepError(props: StepProps<StepView> & { readonly wait: number; readonly isSent?: boolean }) {
  const { view, flow, texts, wait, isSent = false } = props
  const { t } = texts
  // Not a countdown: a screen reader would announce each second.
  const later = wait > 0 ? ` ${t('wait', { seconds: wait })}` : ''
  const { error } = flow
  const failure = isAway(error) && isSent ? t('unreachable') : errorText(texts, error)
  if (failure !== null) {
    return (
      <Note kind="attention" role="alert">
        {failure}
        {later}
      </Note>
    )
  }
  const { base } = view.errors
  if (base === undefined) return null
  return (
    <Note kind="bad" role="alert">
      <b>{base.text}</b> {base.advice ?? later}
      {base.docs !== undefined && (
        <>
          {' '}
          <a className="lk-link" href={base.docs} target="_blank" rel="noreferrer">
            {t('learnMore')}
          </a>
        </>
      )}
    </Note>
  )
}

/** The button that leaves a flow. */
export function CancelFoot(props: Pick<StepProps<StepView>, 'cancelLabel' | 'onCancel'>) {
  if (props.cancelLabel === null) return null
  return (
    <div className="lk-foot">
      <Button variant="default" onClick={props.onCancel}>
        {props.cancelLabel}
      </Button>
    </div>
  )
}

/** The buttons of a step: help, cancel, back, and the main one, which has the button to go back at its side. */
function Foot(props: StepProps<StepView> & { readonly primary: ReactNode }) {
  const { view, flow, texts, service, onBack, primary } = props
  const { t } = texts
  const onBackHere = view.mayGoBack ? () => void flow.back() : onBack
  const back = onBackHere !== undefined && (
    <Button
      className={primary ? '' : 'lk-back'}
      variant="default"
      disabled={flow.pending}
      onClick={onBackHere}
    >
      {t('back')}
    </Button>
  )
  return (
    <div className="lk-foot">
      {service.docs !== undefined && (
        <a className="lk-link lk-aside" href={service.docs} target="_blank" rel="noreferrer">
          {t('help', { service: service.title })}
        </a>
      )}
      <div className="lk-buttons">
        {!primary && back}
        {props.cancelLabel !== null && (
          <Button variant="default" onClick={props.onCancel}>
            {props.cancelLabel}
          </Button>
        )}
        {primary && back}
        {primary}
      </div>
    </div>
  )
}
