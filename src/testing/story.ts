import type { AnyMachineSnapshot } from 'xstate'
import type { ConfigFlowSource } from '../../machines/config-flow-types.ts'
import { stateName } from '../engine/statecharts/state-name.ts'
import type { PathStep, StoryTurn } from './story-graph.ts'

/** An external event, the results of the work that it starts, and the state after that. */
export interface StoryStep {
  /** `submit`, `cancel`, `unload`. The first step of a flow is `start`. */
  readonly does: string
  /** The results and events until no work is pending. */
  readonly brings: readonly StoryTurn[]
  readonly rest: StoryRest
}

/** A state of the machine without pending work. */
export interface StoryRest {
  /** The name of the state: `asking.user`, `abort`, `loaded.running`. */
  readonly state: string
  /** The codes of the form's errors, by JSON Pointer. */
  readonly errors: Readonly<Record<string, string>>
  readonly challenge: string | null
  /** The reason of the result, or the reason why the entry is not loaded. */
  readonly reason: string | null
}

/** One path through a machine as a sequence of external events and results. */
export interface Story<About extends string = ConfigFlowSource | 'entry'> {
  readonly title: string
  /** The source of the flow; `entry` for an entry. */
  readonly source: About
  readonly onAccountMismatch: 'abort' | 'retry'
  readonly steps: readonly StoryStep[]
  readonly ending: StoryRest
}

/** Converts a path to a story. Each step of a story starts and ends in a state without pending work. */
export function toStory<About extends string>(
  { source, onAccountMismatch }: Pick<Story<About>, 'source' | 'onAccountMismatch'>,
  first: string | null,
  path: readonly PathStep[],
): Story<About> {
  const steps: StoryStep[] = []
  let open: { does: string; brings: StoryTurn[] } | null = first === null ? null : { does: first, brings: [] }
  // A user flow shows its form immediately.
  if (open !== null && source === 'user') {
    const rest = { state: 'asking.user', errors: {}, challenge: null, reason: null }
    steps.push({ ...open, rest })
    open = null
  }
  for (const { invocation, snapshot } of path) {
    if (open === null) open = { does: invocation.comes, brings: [] }
    else open.brings.push(invocation)
    if (snapshot.hasTag('working')) continue
    steps.push({ ...open, rest: restOf(snapshot) })
    open = null
  }
  const ending = steps.at(-1)?.rest ?? { state: 'not_loaded', errors: {}, challenge: null, reason: null }
  const titles = steps.map(({ does, brings }) =>
    brings.length === 0 ? does : `${does} (${brings.map(({ comes }) => comes).join(', ')})`,
  )
  const policy = onAccountMismatch === 'retry' ? ', may retry' : ''
  const end = first === null ? ending.state : (ending.reason ?? ending.state)
  return {
    title: `${source}${policy}: ${titles.join(', ')} → ${end}`,
    source,
    onAccountMismatch,
    steps,
    ending,
  }
}

function restOf({ value, context }: AnyMachineSnapshot): StoryRest {
  const { errors, challenge = null, reason } = context
  return { state: stateName(value), errors: codesOf(errors), challenge, reason }
}

const codesOf = (errors: Readonly<Record<string, { code: string }>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(errors).map(([pointer, { code }]) => [pointer, code]))
