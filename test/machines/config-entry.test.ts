import { describe, expect, it } from '@jest/globals'
import type { AnyMachineSnapshot, AnyStateMachine, StateValue } from 'xstate'
import { UnexpectedError } from '../../machines/entry-result.ts'
import { Connection, configEntryMachine } from '../../machines/index.ts'
import { nodesOf } from '../../src/diagrams/mermaid.ts'
import { cameOf, move, stateOf, table } from './moves.ts'

const machine: AnyStateMachine = configEntryMachine
const held = new Connection('old')
const fresh = new Connection('new')

const base = {
  entryId: 'entry-1',
  lazy: false,
  disposeTimeout: 9_000,
  connection: null,
  heldBy: null,
  reason: null,
  tries: 0,
  wait: 0,
  retryRejected: false,
  address: null,
  triedAddresses: [],
  candidate: null,
  refusedCalls: [],
  refusalLimit: 3,
  refusalWindow: 10,
}
const at = (value: StateValue, changes: object = {}): AnyMachineSnapshot =>
  machine.resolveState({ value, context: { ...base, ...changes } })

/** The entry after its stored address has failed. */
const trying = { reason: 'cannot_connect', tries: 1, wait: 8, address: 'b', triedAddresses: ['b'] }

const states: Record<string, AnyMachineSnapshot> = {
  not_loaded: at('not_loaded'),
  migrating: at('migrating'),
  connecting: at({ setup_in_progress: 'connecting' }),
  tryingAddress: at({ setup_in_progress: 'tryingAddress' }, trying),
  savingAddress: at({ setup_in_progress: 'savingAddress' }, { ...trying, candidate: fresh }),
  discardingAddress: at({ setup_in_progress: 'discardingAddress' }, trying),
  running: at({ loaded: 'running' }, { connection: held }),
  probed: at({ loaded: 'probed' }, { connection: held }),
  settled: at({ loaded: 'settled' }, { connection: held }),
  probing: at({ loaded: 'probing' }, { connection: held }),
  setup_retry: at('setup_retry', { reason: 'cannot_connect', tries: 2 }),
  parked: at('parked', { lazy: true, reason: 'cannot_connect', tries: 2, wait: 8 }),
  setup_error: at('setup_error', { reason: 'setup_error' }),
  recordingNeed: at({ reauth_required: 'recordingNeed' }, { reason: 'invalid_auth' }),
  waiting: at({ reauth_required: 'waiting' }, { reason: 'invalid_auth' }),
  restoringOriginal: at({ migration_error: 'restoringOriginal' }, { reason: 'migration_error' }),
  waitingForCorrection: at({ migration_error: 'waitingForCorrection' }, { reason: 'migration_error' }),
  draining: at({ unload_in_progress: 'draining' }, { connection: held }),
  disposing: at({ unload_in_progress: 'disposing' }, { connection: held }),
  failed_unload: at('failed_unload', { connection: held, reason: 'failed_unload' }),
  disabled: at('disabled'),
}
const from = (name: string): AnyMachineSnapshot => {
  const snapshot = states[name]
  if (snapshot === undefined) throw new Error(name)
  return snapshot
}
const events: Record<string, object> = {
  adopt: { connection: fresh },
  lost: { wait: 7 },
  callRefused: { at: 1, credentialRevision: 1 },
}

/** Hand-written after DESIGN 5; `-` is refused with a typed error. */
const expected = `
state                 setup      retry              adopt    authFailed  tokenRejected  lost         unload              forceUnload  disable   enable  callRefused  callPassed  keepConnected  connectForCalls
not_loaded            migrating  -                  running  -           -              -            stays               -            disabled  -       -            -        stays          stays
migrating             -          -                  running  -           -              -            not_loaded          -            -         -       -            -        stays          stays
connecting            -          -                  running  -           -              -            not_loaded          -            -         -       -            -        stays          stays
tryingAddress         -          -                  running  -           -              -            not_loaded          -            -         -       -            -        stays          stays
savingAddress         -          -                  running  -           -              -            not_loaded          -            -         -       -            -        stays          stays
discardingAddress     -          -                  running  -           -              -            not_loaded          -            -         -       -            -        stays          stays
running               -          -                  running  probing     probing        setup_retry  draining            -            -         -       stays        stays        stays          stays
probed                -          -                  running  -           probing        setup_retry  draining            -            -         -       stays        stays        stays          stays
settled               -          -                  running  probing     probing        setup_retry  draining            -            -         -       stays        stays        stays          stays
probing               -          -                  running  stays       stays          stays        draining            -            -         -       stays        stays        stays          stays
setup_retry           migrating  connecting         running  -           -              -            not_loaded          -            -         -       -            -        stays          parked
parked                migrating  connecting         running  -           -              -            not_loaded          -            -         -       -            -        setup_retry    stays
setup_error           migrating  -                  running  -           -              -            not_loaded          -            -         -       -            -        stays          stays
recordingNeed         -          -                  running  -           -              -            -                   -            -         -       -            -        stays          stays
waiting               migrating  -                  running  -           -              -            not_loaded          -            -         -       -            -        stays          stays
restoringOriginal     -          -                  running  -           -              -            -                   -            -         -       -            -        stays          stays
waitingForCorrection  migrating  -                  running  -           -              -            not_loaded          -            -         -       -            -        stays          stays
draining              -          -                  -        -           -              -            -                   not_loaded   -         -       -            -        stays          stays
disposing             -          -                  -        -           -              -            -                   not_loaded   -         -       -            -        stays          stays
failed_unload         -          -                  running  -           -              -            -                   not_loaded   -         -       -            -        stays          stays
disabled              -          -                  -        -           -              -            -                   -            -         not_loaded  -            -        stays          stays
`
const pairs = table(expected)
const leaf = ({ state }: { state: string }) =>
  state.replace(/^(setup_in_progress|loaded|reauth_required|migration_error|unload_in_progress)\./, '')

describe('configEntryMachine', () => {
  it.each(pairs)('in $state: $event → $target', ({ state, event, target }) => {
    const moved = move(machine, from(state), { type: event, ...events[event] })
    if (target === '-') return expect(moved).toBeNull()
    expect(moved && leaf(moved)).toBe(target === 'stays' ? state : target)
  })

  it('has a row for every resting state, and a column for every event', () => {
    const all = nodesOf(machine.root).filter((node) => Object.keys(node.states).length === 0)
    expect([...new Set(pairs.map(({ state }) => state))].sort()).toEqual(all.map(({ key }) => key).sort())
    const columns = new Set(pairs.map(({ event }) => event))
    expect([...columns].sort()).toEqual(machine.events.filter((type) => !type.startsWith('xstate.')).sort())
    expect(pairs).toHaveLength(21 * 14)
  })

  it('begins unloaded, with nothing done', () => {
    const snapshot = machine.getInitialSnapshot(Object(null), {
      entryId: 'entry-1',
      refusalLimit: 3,
      refusalWindow: 10,
      disposeTimeout: 9_000,
    })
    expect([stateOf(snapshot), snapshot.context]).toEqual(['not_loaded', base])
  })
})

const show = (name: string, result: { output: unknown } | { error: unknown }, changes: object = {}) => {
  const { value, context } = from(name)
  const snapshot = at(value, { ...context, ...changes })
  const moved = move(machine, snapshot, cameOf(snapshot, result))
  if (moved === null) throw new Error('refused')
  const { connection, reason, tries, wait, retryRejected } = moved.snapshot.context
  const told = { connection, reason, tries, wait, retryRejected }
  return { ...told, state: leaf(moved), does: moved.does, emits: moved.emits, invokes: moved.invokes }
}
const send = (name: string, event: { type: string } & Record<string, unknown>, changes: object = {}) => {
  const { value, context } = from(name)
  const moved = move(machine, at(value, { ...context, ...changes }), event)
  if (moved === null) throw new Error('refused')
  return { ...moved.snapshot.context, ...moved, state: leaf(moved) }
}
const connected = (uniqueId: string | null = 'me', expectedId: string | null = 'me') => ({
  output: { type: 'connected', uniqueId, expected: expectedId, connection: fresh },
})
const failed = (error: string) => ({ output: { type: 'failed', error, wait: 8 } })
/** The machine after a delay of its state. */
const elapse = (name: string, delay: string, changes: object = {}) => {
  const delayed = from(name)._nodes.flatMap(({ after }) => after)
  const { eventType } = delayed.find((each) => each.delay === delay) ?? { eventType: '' }
  return send(name, { type: eventType }, changes)
}
const retired = (connection: Connection) => ['retireConnection', { connection }]
const ended = (connection: Connection) => ['endCalls', { connection }]

describe('an entry that connects only for calls', () => {
  const lazy = { lazy: true }
  it('waits for a call after a failure, without a timer', () => {
    const moved = show('connecting', failed('cannot_connect'), lazy)
    expect(moved).toMatchObject({ state: 'parked', reason: 'cannot_connect', tries: 1, wait: 8 })
    expect(from('parked')._nodes.flatMap(({ after }) => after)).toEqual([])
  })
  it('connects again for a call, and counts on', () => {
    const moved = send('parked', { type: 'retry' })
    expect(moved).toMatchObject({ state: 'connecting', tries: 2, invokes: ['setUpEntry'] })
  })
  it('waits for the end of a backoff that another process has stored', () => {
    const failed = { reason: 'timeout', tries: 3, wait: 7 }
    const moved = send('not_loaded', { type: 'setup', failed }, lazy)
    expect(moved).toMatchObject({ state: 'parked', reason: 'timeout', tries: 3, wait: 7, invokes: [] })
  })
  it('connects after a stored backoff, and counts on', () => {
    const failed = { reason: 'timeout', tries: 3, wait: 0 }
    const moved = send('not_loaded', { type: 'setup', failed }, lazy)
    expect(moved).toMatchObject({ state: 'migrating', tries: 3, invokes: ['migrateEntry'] })
  })
  it('is not loaded after a connection that lived long was lost', () => {
    const moved = send('settled', { type: 'lost', wait: 7 }, lazy)
    expect(moved).toMatchObject({ state: 'not_loaded', connection: null, does: [ended(held), retired(held)] })
  })
  it('connects again by itself after this process became its owner', () => {
    const moved = send('parked', { type: 'keepConnected' })
    expect(moved).toMatchObject({ state: 'setup_retry', lazy: false, tries: 2, wait: 8 })
    expect(send('setup_retry', { type: 'connectForCalls' })).toMatchObject({ state: 'parked', lazy: true })
    expect(send('settled', { type: 'keepConnected' }, lazy)).toMatchObject({ connection: held, lazy: false })
  })
  it('backs off after a new connection was lost', () => {
    const moved = send('running', { type: 'lost', wait: 7 }, lazy)
    expect(moved).toMatchObject({ state: 'parked', reason: 'cannot_connect', tries: 1, wait: 7 })
  })
})

describe('migrating', () => {
  it('goes on to connect where the data is current', () => {
    const moved = show('migrating', { output: { type: 'current' } })
    expect(moved).toMatchObject({ state: 'connecting', invokes: ['setUpEntry'] })
  })
  it('stops where the data cannot be read', () => {
    const moved = show('migrating', { output: { type: 'failed', reason: 'migration_error' } })
    expect(moved).toMatchObject({ state: 'waitingForCorrection', reason: 'migration_error', invokes: [] })
  })
  it('stops where the integration is not registered', () => {
    const moved = show(
      'migrating',
      { output: { type: 'unknown_integration' } },
      { tries: 2, retryRejected: true },
    )
    expect(moved).toMatchObject({ state: 'setup_error', reason: 'integration_missing', invokes: [] })
    expect(moved.retryRejected).toBe(false)
  })
  it('tries again where reading failed', () => {
    const moved = show('migrating', { error: new Error('disk') }, { tries: 1 })
    expect(moved).toMatchObject({ state: 'setup_retry', reason: 'unknown', tries: 2 })
  })
})

describe('connecting', () => {
  it('runs on the connection of the same account', () => {
    const moved = show('connecting', connected())
    expect(moved).toMatchObject({ state: 'running', connection: fresh, reason: null, does: [] })
    expect(moved.emits).toEqual(['loaded'])
  })
  it('runs where neither side has an identity', () => {
    expect(show('connecting', connected(null, null)).state).toBe('running')
  })
  it('runs without the identity that another entry has, and remembers that entry', () => {
    const { output } = connected('somebody', null)
    const setUp = states.connecting as AnyMachineSnapshot
    const moved = move(machine, setUp, cameOf(setUp, { output: { ...output, heldBy: 'entry-2' } }))
    expect(moved).toMatchObject({ state: 'loaded.running', does: [] })
    expect(moved?.snapshot.context).toMatchObject({ connection: fresh, heldBy: 'entry-2' })
    const adopted = move(machine, setUp, { type: 'adopt', connection: held })
    expect(adopted?.snapshot.context.heldBy).toBeNull()
  })
  it.each([
    ['somebody', 'me'],
    [null, 'me'],
    ['somebody', null],
  ])('closes the connection of %j if %j was expected', (uniqueId, meant) => {
    const moved = show('connecting', connected(uniqueId, meant))
    expect(moved).toMatchObject({
      state: 'setup_error',
      reason: 'wrong_account',
      connection: null,
      emits: [],
    })
    expect(moved.does).toEqual([retired(fresh)])
  })
  it.each(['cannot_connect', 'timeout', 'rate_limited', 'unknown'])('tries again after %s', (error) => {
    const moved = show('connecting', failed(error), { tries: 2 })
    expect(moved).toMatchObject({
      state: 'setup_retry',
      reason: error,
      tries: 3,
      wait: 8,
    })
  })
  it('waits as long as the unexpected error specifies, or five seconds', () => {
    const moved = show('connecting', { error: new UnexpectedError(9) })
    expect(moved).toMatchObject({ state: 'setup_retry', reason: 'unknown', tries: 1, wait: 9 })
    expect(show('connecting', { error: new Error('disk') })).toMatchObject({ tries: 1, wait: 5_000 })
  })
  it('needs a user if the service refuses the credential', () => {
    const moved = show('connecting', failed('invalid_auth'))
    expect(moved).toMatchObject({
      state: 'recordingNeed',
      reason: 'invalid_auth',
      invokes: ['requireReauth'],
    })
  })
  it.each([
    ['rejected', 'waiting', 'invalid_auth'],
    ['missing', 'not_loaded', null],
    ['disabled', 'disabled', null],
  ])('needs no user if the entry is %s', (type, state, reason) => {
    expect(show('connecting', { output: { type } })).toMatchObject({ state, reason, invokes: [] })
  })
  it.each(['setup_error', 'wrong_account'])(
    'gives up after %s, because another try does not help',
    (error) => {
      const moved = show('connecting', failed(error))
      expect(moved).toMatchObject({ state: 'setup_error', reason: error, tries: 0 })
    },
  )
})

describe('a store that fails before the login', () => {
  const failure = { error: new UnexpectedError(9, true) }

  it.each(['migrating', 'connecting', 'probing'])('counts no attempt in %s', (name) => {
    const moved = show(name, failure, { tries: 2, retryRejected: true })
    expect(moved).toMatchObject({
      state: 'setup_retry',
      reason: 'unknown',
      tries: 2,
      wait: 9,
      connection: null,
    })
  })
  it.each(['migrating', 'connecting', 'probing'])('leaves it to the next call in %s', (name) => {
    const moved = show(name, failure, { tries: 2, lazy: true, retryRejected: true })
    expect(moved).toMatchObject({ state: 'not_loaded', reason: null, tries: 0, connection: null })
  })
  it('leaves an attempt that asked the service to its backoff', () => {
    const moved = show('connecting', { error: new UnexpectedError(9) }, { lazy: true, tries: 2 })
    expect(moved).toMatchObject({ state: 'parked', reason: 'unknown', tries: 3, wait: 9 })
  })
})

describe('an announced address', () => {
  const announced = (error: string, key = 'b') => ({
    output: { type: 'failed', error, wait: 8, announced: key },
  })
  const another = { output: { ...connected('you').output, announced: 'b' } }
  const tried = (changes: object = {}) => ({
    tries: 2,
    address: 'a',
    triedAddresses: ['a'],
    reason: null,
    ...changes,
  })

  it.each(['cannot_connect', 'timeout', 'unknown'])(
    'is used after the stored one has failed with %s',
    (error) => {
      const { snapshot, ...moved } = send('connecting', cameOf(from('connecting'), announced(error)), tried())
      expect(moved).toMatchObject({ state: 'tryingAddress', invokes: ['tryAddress'], tries: 3, wait: 8 })
      expect(moved).toMatchObject({ reason: error, triedAddresses: ['a', 'b'] })
      expect(snapshot.children.tryAddress?.getSnapshot().input).toEqual({ entryId: 'entry-1', address: 'b' })
    },
  )
  it('is used if another account answers at the stored one', () => {
    const moved = send('connecting', cameOf(from('connecting'), another))
    expect(moved).toMatchObject({
      state: 'tryingAddress',
      reason: 'wrong_account',
      tries: 0,
      connection: null,
    })
    expect(moved.does).toEqual([retired(fresh)])
  })
  it.each(['invalid_auth', 'rate_limited', 'setup_error'])(
    'is not tried if the service answers with %s',
    (error) => {
      expect(show('connecting', announced(error)).invokes).not.toContain('tryAddress')
    },
  )
  it('is used once per lost connection, as one of at most ten', () => {
    expect(show('connecting', announced('timeout', 'a'), tried()).state).toBe('setup_retry')
    expect(show('connecting', another, tried({ triedAddresses: ['b'] })).state).toBe('setup_error')
    const ten = Array.from({ length: 10 }, (_, index) => String(index))
    expect(show('connecting', announced('timeout'), tried({ triedAddresses: ten })).state).toBe('setup_retry')
    const again = send('connecting', cameOf(from('connecting'), connected()), tried())
    expect(again).toMatchObject({ state: 'running', address: null, triedAddresses: [] })
    expect(send('setup_retry', { type: 'unload' }, tried()).triedAddresses).toEqual([])
  })

  it('is saved if the same account answers there', () => {
    const { snapshot, ...moved } = send('tryingAddress', cameOf(from('tryingAddress'), connected()))
    expect(moved).toMatchObject({ state: 'savingAddress', connection: null, candidate: fresh, does: [] })
    const { input } = snapshot.children.saveAddress?.getSnapshot() ?? {}
    expect(input).toEqual({ entryId: 'entry-1', address: 'b', connection: fresh })
  })
  it.each([
    ['you', 'me'],
    [null, 'me'],
    [null, null],
  ])('is discarded if the account %s answers for %s', (uniqueId, expectedId) => {
    const moved = send('tryingAddress', cameOf(from('tryingAddress'), connected(uniqueId, expectedId)))
    expect(moved).toMatchObject({ state: 'discardingAddress', candidate: null, invokes: ['discardAddress'] })
    expect(moved.does).toEqual([retired(fresh)])
  })
  it.each(['invalid_auth', 'rate_limited', 'setup_error', 'unknown'])(
    'is discarded after %s, without other effects',
    (error) => {
      const moved = show('tryingAddress', failed(error))
      expect(moved).toMatchObject({ state: 'discardingAddress', reason: 'cannot_connect', tries: 1, wait: 8 })
    },
  )
  it.each([
    failed('cannot_connect'),
    failed('timeout'),
    { output: { type: 'withdrawn' } },
    { error: new Error('disk') },
  ])('is left as it is after %j, and the stored one follows later', (result) => {
    const moved = show('tryingAddress', result)
    expect(moved).toMatchObject({
      state: 'setup_retry',
      reason: 'cannot_connect',
      tries: 1,
      wait: 8,
      does: [],
    })
  })

  it('is that of the entry after it was saved', () => {
    const moved = show('savingAddress', { output: { type: 'saved' } })
    expect(moved).toMatchObject({ state: 'running', connection: fresh, reason: null, does: [] })
    expect(moved.emits).toEqual(['loaded'])
  })
  it.each([{ output: { type: 'changed' } }, { error: new Error('disk') }])(
    'closes its connection after %j',
    (result) => {
      const moved = show('savingAddress', result)
      expect(moved).toMatchObject({ state: 'setup_retry', connection: null, does: [retired(fresh)] })
    },
  )
  it('closes its connection if the entry is unloaded, or has another one', () => {
    expect(send('savingAddress', { type: 'unload' })).toMatchObject({
      state: 'not_loaded',
      candidate: null,
      does: [retired(fresh)],
    })
    const newest = new Connection('newest')
    expect(send('savingAddress', { type: 'adopt', connection: newest })).toMatchObject({
      state: 'running',
      connection: newest,
      candidate: null,
      does: [retired(fresh)],
    })
  })
  it.each([{ output: undefined }, { error: new Error('disk') }])(
    'returns to the stored one after %j',
    (result) => {
      expect(show('discardingAddress', result)).toMatchObject({
        state: 'setup_retry',
        reason: 'cannot_connect',
        wait: 8,
      })
    },
  )
})

describe('an entry that was migrated', () => {
  it.each(['connecting', 'probing'])('is migrated first where %s finds it to be outdated', (name) => {
    const moved = show(name, { output: { type: 'outdated' } })
    expect(moved).toMatchObject({ state: 'migrating', invokes: ['migrateEntry'], connection: null })
    expect(moved.does).toEqual(name === 'probing' ? [ended(held), retired(held)] : [])
  })
  it.each(['connecting', 'probing'])('gets its original back where %s finds it to be wrong', (name) => {
    const moved = show(name, { output: { type: 'refused' } })
    expect(moved).toMatchObject({
      state: 'restoringOriginal',
      reason: 'migration_error',
      invokes: ['restoreOriginal'],
      connection: null,
    })
  })
  it('waits for another integration once it is as it was', () => {
    const moved = show('restoringOriginal', { output: { type: 'restored' } })
    expect(moved).toMatchObject({ state: 'waitingForCorrection', reason: 'migration_error', invokes: [] })
  })
  it('is read again if another process has set it up since it was read', () => {
    const moved = show('restoringOriginal', { output: { type: 'proven' } })
    expect(moved).toMatchObject({ state: 'migrating', invokes: ['migrateEntry'] })
  })
  it('is retried if the original could not be restored', () => {
    const moved = show('restoringOriginal', { error: new Error('disk') }, { tries: 1 })
    expect(moved).toMatchObject({ state: 'setup_retry', reason: 'unknown', tries: 2 })
  })
})

describe('disabled', () => {
  it('forgets why the entry did not run', () => {
    const changes = { reason: 'cannot_connect', tries: 3 }
    const moved = show('connecting', { output: { type: 'disabled' } }, changes)
    expect(moved).toMatchObject({ state: 'disabled', reason: null, tries: 0 })
  })
})

describe('one more try of a refused credential', () => {
  it.each(['not_loaded', 'waiting'])('is allowed from %s, for one setup', (name) => {
    const migrating = send(name, { type: 'setup', retryRejected: true })
    expect(migrating.retryRejected).toBe(true)
    const current = cameOf(migrating.snapshot, { output: { type: 'current' } })
    const setup = move(machine, migrating.snapshot, current)
    expect(setup?.snapshot.children.setUpEntry?.getSnapshot().input).toEqual({
      entryId: 'entry-1',
      retryRejected: true,
    })
    expect(show('connecting', failed('cannot_connect'), { retryRejected: true }).retryRejected).toBe(false)
    expect(show('connecting', failed('invalid_auth'), { retryRejected: true }).retryRejected).toBe(false)
  })
  it('is not requested by a setup without it', () => {
    expect(send('waiting', { type: 'setup' }, { retryRejected: true }).retryRejected).toBe(false)
  })
  it('is no longer allowed once the setup did not come to it', () => {
    const allowed = { retryRejected: true }
    expect(show('migrating', { error: new Error('disk') }, allowed).retryRejected).toBe(false)
    const old = { output: { type: 'failed', reason: 'migration_error' } }
    expect(show('migrating', old, allowed).retryRejected).toBe(false)
    expect(send('migrating', { type: 'adopt', connection: fresh }, allowed).retryRejected).toBe(false)
  })
})

describe('loaded', () => {
  it('adopts the connection that a flow has verified, and notifies its listeners', () => {
    const moved = send('running', { type: 'adopt', connection: fresh }, { tries: 3 })
    expect(moved).toMatchObject({ state: 'running', connection: fresh, tries: 0, reason: null })
    expect(moved.does).toEqual([retired(held)])
    expect(moved.emits).toEqual(['unloaded', 'loaded'])
  })
  it('swaps in the midst of a probe too', () => {
    const moved = send('probing', { type: 'adopt', connection: fresh })
    expect(moved).toMatchObject({ state: 'running', connection: fresh, emits: ['unloaded', 'loaded'] })
    expect(moved.does).toEqual([retired(held)])
  })
  it.each([
    ['running', 7, 3],
    ['probed', 7, 3],
    ['settled', 0, 0],
  ])('after a connection that drops in %s, waits %i ms', (name, wait, tries) => {
    const moved = send(name, { type: 'lost', wait: 7 }, { tries: 2, wait: 5 })
    expect(moved).toMatchObject({ state: 'setup_retry', reason: 'cannot_connect', connection: null })
    expect(moved).toMatchObject({ wait, tries, emits: ['unloaded'] })
    expect(moved.does).toEqual([ended(held), retired(held)])
  })
  it.each([
    ['running', 'livedLong'],
    ['probed', 'probeExpiry'],
  ])('in %s, after %s, is settled on the same connection', (name, delay) => {
    const moved = elapse(name, delay, { tries: 2 })
    expect(moved).toMatchObject({ state: 'settled', connection: held, tries: 2, does: [], emits: [] })
  })
  it('keeps the backoff of before until a connection has lived long', () => {
    expect(show('connecting', connected(), { tries: 4 }).tries).toBe(4)
  })
  it('ends its calls and waits for them when it is unloaded', () => {
    const moved = send('running', { type: 'unload' })
    expect(moved).toMatchObject({ state: 'draining', invokes: ['drainConnection'], emits: ['unloaded'] })
    expect(moved.does).toEqual([ended(held)])
  })
})

describe('calls that are refused on a new connection', () => {
  const refused = (at: number, credentialRevision = 1) => ({ at, credentialRevision })
  const refuse = (refusedCalls: object[], at: number, credentialRevision = 1) =>
    send('probed', { type: 'callRefused', at, credentialRevision }, { refusedCalls })

  it('need a user from the third one within the window', () => {
    const moved = refuse([refused(0), refused(5)], 10)
    expect(moved).toMatchObject({ state: 'recordingNeed', reason: 'invalid_auth', refusedCalls: [] })
    expect(moved.emits).toEqual(['unloaded', 'callsRefused'])
    expect(moved).toMatchObject({ connection: null, invokes: ['requireReauth'] })
    expect(moved.does).toEqual([retired(held)])
  })
  it('are counted until then', () => {
    const moved = refuse([refused(0)], 10)
    expect(moved).toMatchObject({ state: 'probed', connection: held, emits: [] })
    expect(moved.refusedCalls).toEqual([refused(0), refused(10)])
  })
  it.each([
    ['older than the window', refused(0), 11, 1],
    ['in the future', refused(12), 11, 1],
    ['of an older credential', refused(10, 1), 11, 2],
  ])('are not counted with one that is %s', (_, first, time, revision) => {
    const moved = refuse([first, first], time, revision)
    expect(moved).toMatchObject({ state: 'probed', refusedCalls: [refused(time, revision)] })
  })
  it('are forgotten after a call that passes, and with a new credential', () => {
    const refusedCalls = [refused(0), refused(5)]
    expect(send('settled', { type: 'callPassed' }, { refusedCalls }).refusedCalls).toEqual([])
    const adopted = send('settled', { type: 'adopt', connection: fresh }, { refusedCalls })
    expect(adopted.refusedCalls).toEqual([])
  })
  it('are remembered while the entry reconnects', () => {
    const refusedCalls = [refused(0), refused(5)]
    expect(send('settled', { type: 'lost', wait: 7 }, { refusedCalls }).refusedCalls).toEqual(refusedCalls)
  })
})

describe('probing', () => {
  it('adopts the connection of the probe', () => {
    const moved = show('probing', connected())
    expect(moved).toMatchObject({ state: 'probed', connection: fresh, emits: ['unloaded', 'loaded'] })
    expect(moved.does).toEqual([retired(held)])
  })
  it('closes both connections if the account is another one', () => {
    const moved = show('probing', connected('somebody'))
    expect(moved).toMatchObject({ state: 'setup_error', reason: 'wrong_account', connection: null })
    expect(moved.does).toEqual([ended(held), retired(held), retired(fresh)])
  })
  it.each([
    [failed('invalid_auth'), 'recordingNeed', 'invalid_auth', 0],
    [{ output: { type: 'rejected' } }, 'waiting', 'invalid_auth', 0],
    [{ output: { type: 'missing' } }, 'not_loaded', null, 0],
    [{ output: { type: 'disabled' } }, 'disabled', null, 0],
    [failed('setup_error'), 'setup_error', 'setup_error', 0],
    [failed('cannot_connect'), 'setup_retry', 'cannot_connect', 1],
    [failed('timeout'), 'setup_retry', 'timeout', 1],
    [failed('rate_limited'), 'setup_retry', 'rate_limited', 1],
    [failed('unknown'), 'setup_retry', 'unknown', 1],
    [{ error: new Error('disk') }, 'setup_retry', 'unknown', 1],
  ])('closes the old connection after %j', (result, state, reason, tries) => {
    const moved = show('probing', result)
    expect(moved).toMatchObject({ state, reason, tries, connection: null, emits: ['unloaded'] })
    expect(moved.does).toEqual([ended(held), retired(held)])
  })
})

describe('reauth_required', () => {
  it('waits once the need is stored', () => {
    expect(show('recordingNeed', { output: { type: 'required' } }).state).toBe('waiting')
  })
  it('connects again if the need was cleared', () => {
    const moved = show('recordingNeed', { output: { type: 'gone' } })
    expect(moved).toMatchObject({ state: 'connecting', invokes: ['setUpEntry'], retryRejected: false })
  })
  it('tries again where the need could not be stored', () => {
    const moved = show('recordingNeed', { error: new Error('disk') })
    expect(moved).toMatchObject({ state: 'setup_retry', reason: 'unknown', tries: 1 })
  })
  it.each(['recordingNeed', 'waiting'])('comes back by a flow from %s', (name) => {
    const moved = send(name, { type: 'adopt', connection: fresh })
    expect(moved).toMatchObject({ state: 'running', connection: fresh, reason: null, emits: ['loaded'] })
  })
})

describe('unloading', () => {
  it.each<[string, () => ReturnType<typeof send> | ReturnType<typeof show>]>([
    ['have ended', () => show('draining', { output: undefined })],
    ['cannot be waited for', () => show('draining', { error: new Error('stuck') })],
    ['do not end in time', () => elapse('draining', 'drainTimeout')],
  ])('disposes the connection after the calls %s', (_, moved) => {
    expect(moved()).toMatchObject({ state: 'disposing', connection: held, invokes: ['disposeConnection'] })
  })
  it('gives calls ten seconds, and a client as long as the host says', () => {
    const { delays } = configEntryMachine.implementations
    const delay = (name: string) => {
      const each: unknown = Reflect.get(delays, name)
      return typeof each === 'function' ? each({ context: base }, undefined) : each
    }
    expect([delay('drainTimeout'), delay('disposeTimeout')]).toEqual([10_000, 9_000])
  })
  it('releases a connection that dropped', () => {
    const moved = show('disposing', { output: undefined })
    expect(moved).toMatchObject({ state: 'not_loaded', connection: null, reason: null })
  })
  it('holds on to one that did not', () => {
    const moved = show('disposing', { error: new Error('stuck') })
    expect(moved).toMatchObject({
      state: 'failed_unload',
      connection: held,
      reason: 'failed_unload',
      emits: [],
    })
  })
  it('reports one that does not close in time', () => {
    const moved = elapse('disposing', 'disposeTimeout')
    expect(moved).toMatchObject({ state: 'failed_unload', connection: held, reason: 'failed_unload' })
    expect(moved.emits).toEqual(['notClosed'])
  })
  it.each(['draining', 'disposing'])(
    'is over at once with force, from %s, and still closes the connection',
    (name) => {
      const moved = send(name, { type: 'forceUnload' })
      expect(moved).toMatchObject({ state: 'not_loaded', connection: null, reason: null })
      expect(moved.does).toEqual([retired(held)])
    },
  )
  it('releases it with force', () => {
    const moved = send('failed_unload', { type: 'forceUnload' })
    expect(moved).toMatchObject({ state: 'not_loaded', connection: null, reason: null, does: [] })
  })
  it.each(['setup_retry', 'setup_error', 'waiting', 'waitingForCorrection'])(
    'forgets why it was %s',
    (name) => {
      const moved = send(name, { type: 'unload' }, { tries: 3, wait: 9 })
      expect(moved.snapshot.context).toEqual(base)
    },
  )
})

describe('setup_retry', () => {
  it('connects after the backoff or before it, and keeps the number of attempts', () => {
    const connecting = { state: 'connecting', tries: 2 }
    expect(elapse('setup_retry', 'retryBackoff')).toMatchObject(connecting)
    expect(send('setup_retry', { type: 'retry' })).toMatchObject(connecting)
  })
  it('clears it if a user requests it', () => {
    expect(send('setup_retry', { type: 'setup' })).toMatchObject({ state: 'migrating', tries: 0 })
  })
})
