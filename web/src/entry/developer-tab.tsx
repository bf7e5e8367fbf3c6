import { Fragment, useState } from 'react'
import type { EntryView, View } from '../../../src/client/index.ts'
import { useSelected } from '../../../src/react/client-state.ts'
import { ChartPart, ChartPath } from '../chart-parts.tsx'
import type { ChartedMachine } from '../chart-pictures.ts'
import { useLanguage } from '../language.tsx'
import { Statechart } from '../statechart.tsx'
import { transitionsFrom } from '../transitions-from.ts'
import { endingWith, useChart, useTrails } from '../use-chart.ts'
import { Fact } from './details-card.tsx'

/** The last tab: the live statecharts of the connection and of its open flows, what can happen next, and its ids. */
export default function DeveloperTab({ entry }: { readonly entry: EntryView }) {
  const { entryId, title } = entry
  const { t } = useLanguage()
  const isOpen = useSelected(({ connection }) => connection === 'open')
  const state = useSelected(({ states }) => states.get(entryId)) ?? stateOf(entry)
  const flows = useSelected((known) => known.flows)
  const trails = useTrails()
  const trail = endingWith(state, trails.get(entryId))
  const [isWhole, setWhole] = useState(false)
  const picture = useChart({ machine: 'configEntry', state, whole: isWhole })
  const open = [...flows.values()].filter((view) => view.entryId === entryId && !hasEnded(view))
  return (
    <div className="entry-columns developer">
      <div>
        <section className="card" aria-label={t('live')}>
          <div className="card-head">
            <h2>{t('live')}</h2>
            {isOpen && (
              <span className="muted live">
                <span className="live-dot" />
                {t('isLive')}
              </span>
            )}
            <span className="grow" />
            <ChartPart isWhole={isWhole} onChoose={setWhole} />
          </div>
          <div className="card-body">
            {picture !== null && (
              <Statechart picture={picture} trail={trail} label={t('chartLabel', { name: title, state })} />
            )}
            <ChartPath trail={trail} />
            <Beside id={entryId} name={title} isWhole={isWhole} />
          </div>
        </section>
        {open.map((view) => (
          <FlowChart key={view.flowId} view={view} name={title} isWhole={isWhole} />
        ))}
      </div>
      <div>
        <section className="card" aria-label={t('ways')}>
          <div className="card-head tight">
            <h2>{t('ways')}</h2>
          </div>
          <dl className="facts">
            {transitionsFrom(picture ?? '', state).map(({ on, to }) => (
              <Fragment key={`${on.join(' ')} ${to}`}>
                <dt className="mono">{on.join(', ')}</dt>
                <dd className="mono">{to}</dd>
              </Fragment>
            ))}
          </dl>
        </section>
        <section className="card" aria-label={t('details')}>
          <div className="card-head tight">
            <h2>{t('details')}</h2>
          </div>
          <dl className="facts">
            <Fact name={t('entryId')} copied={entryId}>
              <span className="mono">{entryId}</span>
            </Fact>
            <Fact name={t('domain')}>
              <span className="mono">{entry.domain}</span>
            </Fact>
            <Fact name={t('revision')}>
              <span className="mono">{entry.revision}</span>
            </Fact>
            {entry.lastError?.ref !== undefined && (
              <Fact name={t('logReference')} copied={entry.lastError.ref}>
                <span className="mono">{entry.lastError.ref}</span>
              </Fact>
            )}
          </dl>
        </section>
      </div>
    </div>
  )
}

/** The statechart of an open flow, and of its sign-in while the flow waits for it. */
function FlowChart(props: { readonly view: View; readonly name: string; readonly isWhole: boolean }) {
  const { view, name, isWhole } = props
  const { flowId } = view
  const { t } = useLanguage()
  const state = useSelected(({ states }) => states.get(flowId)) ?? flowStateOf(view)
  const trails = useTrails()
  const isSignIn = useSelected(({ parallel }) => parallel.has(flowId)) && signingIn.has(state)
  const heading = t('chartFlow', { name })
  return (
    <section className="card" aria-label={heading}>
      <div className="card-head">
        <h2>{heading}</h2>
        <span className="mono muted" aria-live="polite">
          {state}
        </span>
      </div>
      <div className="card-body">
        {/* Around a sign-in, the whole flow says less than the sign-in. */}
        {!(isSignIn && !isWhole) && (
          <Chart
            machine={view.machine}
            source={view.source}
            trail={endingWith(state, trails.get(flowId))}
            whole={isWhole}
            label={t('chartLabel', { name: heading, state })}
          />
        )}
        {isSignIn && <Beside id={flowId} name={name} isWhole={isWhole} />}
      </div>
    </section>
  )
}

/** The statechart of the machine that runs next to an entry or a flow, if one does. */
function Beside(props: { readonly id: string; readonly name: string; readonly isWhole: boolean }) {
  const { id, name, isWhole } = props
  const { t } = useLanguage()
  const beside = useSelected(({ parallel }) => parallel.get(id))
  if (beside === undefined) return null
  const { machine, state } = beside
  return (
    <>
      <p className="muted">
        {t(machine)}: <span className="mono">{state}</span>
      </p>
      <Chart
        machine={machine}
        trail={[state]}
        whole={isWhole}
        label={t('chartLabel', { name: `${name}, ${t(machine)}`, state })}
      />
    </>
  )
}

/** The states of a flow that waits for a sign-in at the service. */
const signingIn: ReadonlySet<string> = new Set(['asking.authorize', 'asking.device'])

/** The picture of a machine. */
function Chart(props: {
  readonly machine: ChartedMachine
  readonly source?: View['source']
  readonly trail: readonly string[]
  readonly whole: boolean
  readonly label: string
}) {
  const { machine, source, trail, whole, label } = props
  const picture = useChart({ machine, source, state: trail.at(-1) ?? '', whole })
  return picture === null ? null : <Statechart picture={picture} trail={trail} label={label} />
}

/** The path of an entry's state. Views have only its first part; the rest is known for entries at rest. */
function stateOf({ state }: EntryView): string {
  if (state === 'loaded') return 'loaded.running'
  return state === 'reauth_required' ? 'reauth_required.waiting' : state
}

function flowStateOf(view: View): string {
  if (!('step' in view)) return view.type
  return 'mayGoBack' in view ? `asking.${view.step}` : view.step
}

const hasEnded = ({ type }: View): boolean => type === 'abort' || type === 'create_entry'
