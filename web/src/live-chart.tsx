import { NativeSelect, Text, Title, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { ClientState, EntryView, View } from '../../src/client/index.ts'
import { useClientState } from '../../src/react/index.ts'
import { ChartPart, ChartPath } from './chart-parts.tsx'
import type { ChartedMachine } from './chart-pictures.ts'
import { ChartTransitions } from './chart-transitions.tsx'
import { useLanguage } from './language.tsx'
import { Statechart } from './statechart.tsx'
import { endingWith, useChart, useTrails } from './use-chart.ts'

/** The live statechart of an entry or open flow: the selected one, or the one that changed last. */
export default function LiveChart(props: {
  /** The flow whose dialog is open. */
  readonly dialogFlow: string | null
  /** The selected entry or flow. Null shows the one that changed last. */
  readonly charted: string | null
  readonly onChart: (id: string | null) => void
  /** Opens the page of an entry. Without it there is no button for that. */
  readonly onOpen?: (entryId: string) => void
}) {
  const { dialogFlow, charted, onChart, onOpen } = props
  const { t } = useLanguage()
  const known = useClientState()
  const latest = useLatest(known.states)
  const trails = useTrails()
  const [whole, setWhole] = useState(false)
  const card = useRef<HTMLElement>(null)
  useEffect(() => {
    if (charted !== null) card.current?.scrollIntoView({ block: 'nearest' })
  }, [charted])

  const open = [...known.flows.values()].filter((view) => !hasEnded(view) || view.flowId === dialogFlow)
  const first = known.entries.keys().next().value
  // After the end of a flow, its entry is shown.
  const ended = latest !== dialogFlow ? known.flows.get(latest ?? '') : undefined
  const moved = ended !== undefined && hasEnded(ended) ? ended.entryId : latest
  const ids = [charted, dialogFlow, moved, first]
  const id = ids.find((each) => each && (known.entries.has(each) || known.flows.has(each)))
  if (id === null || id === undefined) return null

  const entry = known.entries.get(id)
  const view = known.flows.get(id)
  const name = entry?.title ?? nameOf(known, view)
  const state = known.states.get(id) ?? (entry === undefined ? stateOf(view) : entryStateOf(entry))
  // A sign-in is shown only while its flow waits for it.
  const signIn = entry !== undefined || signingIn.has(state) ? known.parallel.get(id) : undefined
  // Around a sign-in, the whole flow says less than the sign-in.
  const isSignIn = entry === undefined && signIn !== undefined && !whole
  const choices = [
    ...[...known.entries.values()].map(({ entryId, title }) => ({
      value: entryId,
      label: t('chartEntry', { name: title }),
    })),
    ...open.map((flow) => ({ value: flow.flowId, label: t('chartFlow', { name: nameOf(known, flow) }) })),
  ]
  return (
    <section className="card chart-card" aria-label={t('live')} ref={card}>
      <div className="chart-head">
        <Title order={2}>{t('live')}</Title>
        {entry !== undefined && onOpen !== undefined && (
          <UnstyledButton className="chart-link" onClick={() => onOpen(entry.entryId)}>
            {t('chartOpen')}
          </UnstyledButton>
        )}
      </div>
      <div className="chart-head">
        <ChartPart isWhole={whole} onChoose={setWhole} />
        {choices.length > 1 ? (
          <NativeSelect
            size="xs"
            w={200}
            aria-label={t('shown')}
            value={charted ?? ''}
            onChange={({ currentTarget }) => onChart(currentTarget.value || null)}
            data={[{ value: '', label: t('latest') }, ...choices]}
          />
        ) : (
          <span className="chart-name">{name}</span>
        )}
      </div>
      {!isSignIn && (
        <Chart
          key={id}
          passed={trails.get(id)}
          machine={view?.machine ?? 'configEntry'}
          source={view?.source}
          name={name}
          state={state}
          whole={whole}
        />
      )}
      {signIn !== undefined && (
        <Chart
          key={`${id} ${signIn.machine}`}
          machine={signIn.machine}
          name={`${name}, ${t(signIn.machine)}`}
          title={t(signIn.machine)}
          state={signIn.state}
          whole={whole}
        />
      )}
    </section>
  )
}

/** The picture of one machine, with its state and its next transitions. */
function Chart(props: {
  /** The passed states, which are marked. */
  readonly passed?: readonly string[] | undefined
  readonly machine: ChartedMachine
  readonly source?: View['source'] | undefined
  readonly name: string
  readonly title?: string
  readonly state: string
  readonly whole: boolean
}) {
  const { passed, machine, source, name, title, state, whole } = props
  const { t } = useLanguage()
  const trail = endingWith(state, passed)
  const shown = useChart({ machine, source, state, whole })
  const label = t('chartLabel', { name, state })
  return (
    <>
      {title !== undefined && (
        <Text size="sm" mt="md" mb="xs" aria-live="polite">
          {title}: <strong>{state}</strong>
        </Text>
      )}
      {shown !== null && <Statechart picture={shown} trail={trail} label={label} />}
      {title === undefined && <ChartPath trail={trail} />}
      {shown !== null && (
        <VisuallyHidden>
          <ChartTransitions picture={shown} state={state} />
        </VisuallyHidden>
      )}
    </>
  )
}

/** The states of a flow that waits for a sign-in at the service. */
const signingIn: ReadonlySet<string> = new Set(['asking.authorize', 'asking.device'])

/** The entry or flow that changed last. */
function useLatest(states: ClientState['states']): string | null {
  const [seen, setSeen] = useState<{ states: ClientState['states']; id: string | null }>({ states, id: null })
  if (seen.states === states) return seen.id
  const moved = [...states].find(([id, state]) => seen.states.get(id) !== state)?.[0] ?? seen.id
  setSeen({ states, id: moved })
  return moved
}

function nameOf({ entries }: ClientState, view: View | undefined): string {
  const title = view?.entryId == null ? undefined : entries.get(view.entryId)?.title
  const name = view !== undefined && 'placeholders' in view ? view.placeholders.name : undefined
  return title ?? name ?? view?.domain ?? ''
}

function stateOf(view: View | undefined): string {
  if (view === undefined || !('step' in view)) return view?.type ?? 'start'
  return 'mayGoBack' in view ? `asking.${view.step}` : view.step
}

/** The path of an entry's state. Views have only its first part; the rest is known for entries at rest. */
function entryStateOf({ state }: EntryView): string {
  if (state === 'loaded') return 'loaded.running'
  return state === 'reauth_required' ? 'reauth_required.waiting' : state
}

const hasEnded = ({ type }: View): boolean => type === 'abort' || type === 'create_entry'
