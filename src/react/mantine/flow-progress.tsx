import { Loader } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { ProgressView } from '../../view.ts'
import { isAway } from './error-text.ts'
import { Icon } from './icon.tsx'
import { Note } from './note.tsx'
import type { ComponentTexts } from './use-texts.ts'

type Stage = 0 | 1 | 2

/** The stage of each state of a machine. The other states keep the current stage. */
const STAGES: Readonly<Record<string, Stage>> = {
  checkingConnection: 0,
  checkingSubentry: 0,
  creatingEntry: 1,
  updatingEntry: 1,
  findingSaved: 1,
  savingOptions: 1,
  savingSubentry: 1,
  followingAddress: 2,
  loadingSubentry: 2,
  tryingEntry: 2,
  reloadingEntry: 2,
}

/** The delay until the text about the duration appears, in milliseconds. */
const LONG = 5_000

/** The steps of a flow that works: check, save, connect. Other work is one line. */
export function FlowProgress(props: {
  readonly view: ProgressView
  readonly texts: ComponentTexts
  /** The error of the last call. */
  readonly error: unknown
}) {
  const { view, texts } = props
  const { t } = texts
  const [reached, setReached] = useState<{ flowId: string; stage: Stage } | null>(null)
  const known = STAGES[view.step]
  const before = reached?.flowId === view.flowId ? reached.stage : undefined
  if (known !== undefined && known !== before) setReached({ flowId: view.flowId, stage: known })
  const [long, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG)
    return () => clearTimeout(timer)
  }, [])
  const stage = known ?? before
  const away = isAway(props.error) && (
    <Note kind="attention" role="alert">
      {t('notResponding')}
    </Note>
  )
  if (stage === undefined || view.step === 'rollingBack' || view.step === 'findingRestored') {
    return (
      <>
        {away}
        <ul className="lk-steps">
          <Step state="current" text={view.text} />
        </ul>
      </>
    )
  }
  // Options and sub-entries without a check begin with saving.
  const names = [t('check'), t('save'), t('willConnect')]
  const skipped = view.machine === 'optionsFlow' ? 1 : 0
  return (
    <>
      {away}
      <ol className="lk-steps">
        {names.slice(skipped).map((name, index) => {
          const at = index + skipped
          const state = at < stage ? 'done' : at === stage ? 'current' : 'ahead'
          return <Step key={name} state={state} text={at === stage ? view.text : name} />
        })}
      </ol>
      {long && stage === 0 && <div className="lk-muted">{t('takesTime')}</div>}
    </>
  )
}

function Step(props: { readonly state: 'done' | 'current' | 'ahead'; readonly text: string }) {
  const { state, text } = props
  return (
    <li data-state={state} {...(state === 'current' && { 'aria-current': 'step' as const })}>
      <span className="lk-mark">
        {state === 'done' && <Icon name="check" size={14} />}
        {state === 'current' && <Loader size={18} aria-hidden />}
      </span>
      <span className="lk-grow">{text}</span>
    </li>
  )
}
