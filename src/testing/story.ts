import type { AnyMachineSnapshot } from 'xstate'
import type { ConfigFlowSource } from '../../machines/config-flow-types.ts'
import { stateName } from '../engine/statecharts/state-name.ts'
import type { PathStep, StoryTurn } from './story-graph.ts'

/** What somebody does, what comes of the work that it sets going, and where the machine rests after it. */
export interface StoryStep {
  /** `submit`, `cancel`, `unload`; the first step of a flow is `start`. */
  readonly does: string
  /** What happens until the machine rests: results of work, and events that interrupt it. */
  readonly brings: readonly StoryTurn[]
  readonly rest: StoryRest
}

/** How a machine stands when it rests. */
export interface StoryRest {
  /** `asking.user`, `abort`, `loaded.running`. */
  readonly state: string
  /** The codes of the form's errors, by pointer. */
  readonly errors: Readonly<Record<string, string>>
  readonly challenge: string | null
  /** Why it ended, or why it does not run. */
  readonly reason: string | null
}

/** One path through a machine, told as what people, hosts, services and stores do. */
export interface Story<About extends string = ConfigFlowSource | 'entry'> {
  readonly title: string
  /** Why the flow exists; `entry` for the life of an entry. */
  readonly source: About
  readonly onAccountMismatch: 'abort' | 'retry'
  readonly steps: readonly StoryStep[]
  readonly ending: StoryRest
}

/** A path in the words of a story: a step begins where the machine rests, and ends where it rests again. */
export function tell<About extends string>(
  { source, onAccountMismatch }: Pick<Story<About>, 'source' | 'onAccountMismatch'>,
  first: string | null,
  path: readonly PathStep[],
): Story<About> {
  const steps: StoryStep[] = []
  let open: { does: string; brings: StoryTurn[] } | null = first === null ? null : { does: first, brings: [] }
  // A new entry is asked for at once.
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
  const told = steps.map(({ does, brings }) =>
    brings.length === 0 ? does : `${does} (${brings.map(({ comes }) => comes).join(', ')})`,
  )
  const policy = onAccountMismatch === 'retry' ? ', may retry' : ''
  const end = first === null ? ending.state : (ending.reason ?? ending.state)
  return {
    title: `${source}${policy}: ${told.join(', ')} → ${end}`,
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
