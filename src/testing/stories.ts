import type { AnyEventObject, AnyMachineSnapshot } from 'xstate'
import type { ConfigFlowSource } from '../../machines/config-flow-setup.ts'
import { Connection, configEntryMachine, configFlowMachine, Draft } from '../../machines/index.ts'
import { stateName } from '../engine/state-name.ts'
import { type Outcome, type PathStep, pathsOf, type StoryModel, type StoryTurn } from './story-graph.ts'

export type { StoryTurn } from './story-graph.ts'

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
export interface Story {
  readonly title: string
  /** Why the flow exists; `entry` for the life of an entry. */
  readonly source: ConfigFlowSource | 'entry'
  readonly onAccountMismatch: 'abort' | 'retry'
  readonly steps: readonly StoryStep[]
  readonly ending: StoryRest
}

const connection = new Connection(null)
const draft = new Draft({ values: {} })
const error = new Error('unexpected')
const failures = Object.fromEntries(
  ['cannot_connect', 'invalid_auth', 'timeout', 'rate_limited', 'unknown'].map((code) => [
    code,
    { output: { type: 'failed', error: code } },
  ]),
)
const results = (...types: readonly string[]): Record<string, Outcome> =>
  Object.fromEntries(types.map((type) => [type, { output: { type } }]))
const throws = { throws: { error } }

const ME = 'me'
const entry = { uniqueId: ME, credentialRevision: 1, title: 'Mine', values: {} }
const connected = { output: { type: 'connected', uniqueId: ME, expected: ME, connection } }
const another = { output: { type: 'connected', uniqueId: 'another', expected: ME, connection } }

const codesOf = (errors: Readonly<Record<string, { code: string }>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(errors).map(([pointer, { code }]) => [pointer, code]))

const hasErrors = ({ context }: Pick<AnyMachineSnapshot, 'context'>): boolean =>
  Object.keys(context.errors).length > 0

/** Every path of the config flow of one source. With the policy `retry`, those that meet another account. */
export function configFlowStories(
  source: ConfigFlowSource,
  onAccountMismatch: 'abort' | 'retry' = 'abort',
): readonly Story[] {
  const model: StoryModel = {
    machine: configFlowMachine,
    input: { flowId: 'story', source, entryId: source === 'user' ? null : 'entry', onAccountMismatch },
    events: ({ context }) => ({
      submit: { type: 'submit', draft, values: {} },
      // A form that shows errors already takes another refusal in the same way.
      ...(!hasErrors({ context }) && {
        reject: { type: 'reject', errors: { [pointerOf(context)]: { code: 'too_small' } }, values: {} },
      }),
      ...named('back', 'cancel', 'expire', 'expireDraft'),
      // Only a flow that is about an entry hears of it, and only a reauthentication gives way.
      ...(source !== 'user' && named('entryRemoved', 'entryDisabled', 'entryRepaired')),
      ...(source === 'reauth' && named('supersede')),
    }),
    outcomes: {
      findEntry: {
        found: { output: { type: 'found', entry } },
        ...results('missing', 'disabled'),
        ...throws,
      },
      checkConnection: {
        connected,
        ...(source !== 'user' && { 'another account': another }),
        challenged: { output: { type: 'challenged', challenge: 'otp', draft } },
        ...failures,
        ...throws,
      },
      createEntry: {
        created: { output: { type: 'created', entryId: 'entry' } },
        ...results('taken', 'ended'),
        ...throws,
      },
      updateEntry: {
        ...results('updated', 'outdated', 'changed', 'missing', 'disabled', 'ended'),
        ...throws,
      },
      reloadEntry: { done: { output: undefined }, ...throws },
    },
    beside: ['reject'],
    sameness: ({ value, context }, before) => {
      const { errors, challenge, reason } = context
      // People try again after an error, and an entry may be written twice: a second time is another state.
      const again = value === 'checkingConnection' && before !== undefined && hasErrors(before)
      const twice = value === 'updatingEntry' && before?.value === 'updatingEntry'
      return [Object.keys(errors).length > 0, challenge, reason, again || twice]
    },
  }
  const paths = pathsOf(model).filter(
    (path) => onAccountMismatch === 'abort' || path.some(({ turn }) => turn.comes === 'another account'),
  )
  return paths.map((path) => tell({ source, onAccountMismatch }, 'start', path))
}

/** Every path of the life of an entry, from where it is not loaded. */
export function configEntryStories(): readonly Story[] {
  const setups = { connected, 'another account': another, ...failures }
  const model: StoryModel = {
    machine: configEntryMachine,
    input: { entryId: 'entry' },
    events: () => ({
      ...named('setup', 'retry', 'authFailed', 'unload', 'forceUnload', 'disable', 'enable'),
      setupRejected: { type: 'setup', retryRejected: true },
      adopt: { type: 'adopt', connection },
      lost: { type: 'lost', lived: 0 },
      lostLate: { type: 'lost', lived: 60_000 },
    }),
    outcomes: {
      migrateEntry: {
        current: { output: { type: 'current' } },
        failed: { output: { type: 'failed', reason: 'migration_error' } },
        ...throws,
      },
      setUpEntry: {
        ...setups,
        setup_error: { output: { type: 'failed', error: 'setup_error' } },
        ...results('rejected', 'missing', 'disabled', 'outdated', 'refused'),
        ...throws,
      },
      probeEntry: {
        ...setups,
        setup_error: { output: { type: 'failed', error: 'setup_error' } },
        ...results('rejected', 'missing', 'disabled', 'outdated', 'refused'),
        ...throws,
      },
      restoreOriginal: { ...results('restored', 'proven'), ...throws },
      requireReauth: { ...results('required', 'gone'), ...throws },
      unloadEntry: { done: { output: undefined }, ...throws },
    },
    sameness: ({ context }) => context.retryRejected,
    beside: ['setupRejected'],
  }
  return pathsOf(model).map((path) => tell({ source: 'entry', onAccountMismatch: 'abort' }, null, path))
}

const named = (...types: readonly string[]): Record<string, AnyEventObject> =>
  Object.fromEntries(types.map((type) => [type, { type }]))

const pointerOf = ({ challenge }: { challenge: string | null }): string =>
  challenge === null ? '/token' : '/code'

/** A path in the words of a story: a step begins where the machine rests, and ends where it rests again. */
function tell(
  { source, onAccountMismatch }: Pick<Story, 'source' | 'onAccountMismatch'>,
  first: string | null,
  path: readonly PathStep[],
): Story {
  const steps: StoryStep[] = []
  let open: { does: string; brings: StoryTurn[] } | null = first === null ? null : { does: first, brings: [] }
  // A new entry is asked for at once.
  if (open !== null && source === 'user') {
    const rest = { state: 'asking.user', errors: {}, challenge: null, reason: null }
    steps.push({ ...open, rest })
    open = null
  }
  for (const { turn, snapshot } of path) {
    if (open === null) open = { does: turn.comes, brings: [] }
    else open.brings.push(turn)
    if (snapshot.hasTag('working')) continue
    steps.push({ ...open, rest: restOf(snapshot) })
    open = null
  }
  const ending = steps.at(-1)?.rest ?? { state: 'not_loaded', errors: {}, challenge: null, reason: null }
  const told = steps.map(({ does, brings }) =>
    brings.length === 0 ? does : `${does} (${brings.map(({ comes }) => comes).join(', ')})`,
  )
  const policy = onAccountMismatch === 'retry' ? ', may retry' : ''
  const end = source === 'entry' ? ending.state : (ending.reason ?? ending.state)
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
