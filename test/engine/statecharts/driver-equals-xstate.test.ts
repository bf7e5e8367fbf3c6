import { describe, expect, it } from '@jest/globals'
import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type ExecutableActionObject,
  initialTransition,
  transition,
} from 'xstate'
import { configEntryMachine } from '../../../machines/config-entry.ts'
import { configFlowMachine } from '../../../machines/config-flow.ts'
import { Connection, Draft } from '../../../machines/draft.ts'
import { optionsFlowMachine } from '../../../machines/options-flow.ts'
import { subentryFlowMachine } from '../../../machines/subentry-flow.ts'
import { tokenMachine } from '../../../machines/token.ts'
import { Driver, type Step } from '../../../src/engine/statecharts/driver.ts'

const mine = new Connection('mine')
const other = new Connection('other')
const draft = new Draft({ values: {} })
const entry = { uniqueId: 'me', credentialRevision: 1, title: 'Mine', values: { host: 'a' } }
const proven = { type: 'connected', uniqueId: 'me', expected: 'me', connection: mine }

/** The possible results of each actor. Results that continue are listed more than once, so that walks get far. */
const answers: Readonly<Record<string, readonly unknown[]>> = {
  findEntry: [...Array(3).fill({ type: 'found', entry }), { type: 'missing' }, { type: 'disabled' }],
  checkConnection: [
    proven,
    proven,
    { ...proven, uniqueId: 'you', connection: other },
    { type: 'challenged', challenge: 'otp', draft },
    { type: 'failed', error: 'invalid_auth' },
    { type: 'failed', error: 'rate_limited', until: 5 },
  ],
  findChoices: [
    { type: 'found', choices: { site: [{ value: '1', label: 'Home' }] } },
    { type: 'failed', error: 'timeout', unlisted: ['site'] },
  ],
  createEntry: [{ type: 'created', entryId: 'new' }, { type: 'taken' }, { type: 'ended' }],
  updateEntry: ['updated', 'updated', 'outdated', 'changed', 'missing', 'disabled', 'ended'].map((type) => ({
    type,
  })),
  reloadEntry: [undefined],
  tryEntry: [{ type: 'running' }, { type: 'failed', error: 'timeout' }],
  restoreEntry: [{ type: 'restored', credentialRevision: 5 }, { type: 'changed' }, { type: 'missing' }],
  findSaved: [{ type: 'restored', credentialRevision: 5 }, { type: 'unsaved' }],
  saveOptions: ['saved', 'unchanged', 'outdated', 'missing', 'disabled', 'ended'].map((type) => ({ type })),
  findSubentry: [null, 4].map((revision) => ({
    type: 'found',
    entry,
    subentry: { type: 'room', subentryId: revision && 's', revision },
  })),
  checkSubentry: [
    ...Array(3).fill({ type: 'named', named: { title: 'Hall', uniqueId: null } }),
    { type: 'refused', errors: { base: { code: 'no_room' } } },
    { type: 'failed', error: 'reauth_required' },
    { type: 'missing' },
    { type: 'disabled' },
  ],
  saveSubentry: [
    ...Array(3).fill({ type: 'saved', subentryId: 's' }),
    ...['unchanged', 'outdated', 'changed', 'taken', 'full', 'missing', 'ended'].map((type) => ({ type })),
  ],
  migrateEntry: [{ type: 'current' }, { type: 'current' }, { type: 'failed', reason: 'migration_error' }],
  setUpEntry: [
    proven,
    proven,
    proven,
    { ...proven, expected: 'you', connection: other },
    ...['invalid_auth', 'cannot_connect', 'setup_error'].map((error) => ({
      type: 'failed',
      error,
      wait: 9,
    })),
    ...['rejected', 'missing', 'disabled', 'outdated', 'refused', 'refused'].map((type) => ({ type })),
  ],
  restoreOriginal: [{ type: 'restored' }, { type: 'restored' }, { type: 'proven' }],
  requireReauth: [{ type: 'required' }, { type: 'gone' }],
  drainConnection: [undefined],
  disposeConnection: [undefined],
  claimLease: [
    ...Array(4).fill({ type: 'claimed' }),
    ...['held', 'current', 'rejected'].map((type) => ({ type })),
    { type: 'unsaved', draft },
  ],
  refreshToken: [
    { type: 'refreshed', draft },
    ...['refused', 'lapsed'].map((type) => ({ type })),
    { type: 'failed', error: 'timeout', wait: 3 },
  ],
  recordFailure: ['recorded', 'overdue'].map((type) => ({ type })),
  readAgain: ['changed', 'unchanged'].map((type) => ({ type })),
  saveToken: ['saved', 'superseded'].map((type) => ({ type })),
}
const outcomesOf = (src: string) => answers[src === 'probeEntry' ? 'setUpEntry' : src] ?? []

const flow = {
  machine: configFlowMachine,
  actions: ['closeConnection', 'revokeGrant'],
  events: [
    'submit',
    'submit',
    'reject',
    'back',
    'cancel',
    'expire',
    'expireDraft',
    'supersede',
    'pick',
    'retry',
    'entryRefused',
    'entryRepaired',
    'entryRemoved',
    'entryDisabled',
    'nonsense',
  ],
  inputs: ['user', 'reauth', 'reconfigure'].flatMap((source) =>
    [
      ...['abort', 'retry'].map((onAccountMismatch) => ({ onAccountMismatch })),
      { methods: { a: ['form', 'found_form', 'form'], b: ['found_form'] } },
      { entryPages: { 'reauth ': ['form', 'found_form'], 'reconfigure ': ['found_form', 'form'] } },
      { adopts: false, adoptsIdentity: true },
    ].map((facts) => ({ flowId: 'f', source, entryId: 'e', ...facts })),
  ),
}
const options = {
  ...flow,
  machine: optionsFlowMachine,
  inputs: [{}, { entryPages: { options: ['found_form', 'form', 'found_form'] } }].map((facts) => ({
    flowId: 'f',
    source: 'options',
    entryId: 'e',
    ...facts,
  })),
}
const under = {
  ...flow,
  machine: subentryFlowMachine,
  inputs: [null, 's'].map((subentryId) => ({
    flowId: 'f',
    source: 'subentry',
    entryId: 'e',
    subentry: { type: 'room', subentryId },
  })),
}
const life = {
  machine: configEntryMachine,
  actions: ['endCalls', 'retireConnection'],
  events: [
    'setup',
    'setup',
    'retry',
    'adopt',
    'authFailed',
    'tokenRejected',
    'callRefused',
    'callRefused',
    'callPassed',
    'lost',
    'unload',
    'forceUnload',
    'disable',
    'enable',
    'elapse',
    'elapse',
  ],
  inputs: [{ entryId: 'e', refusalLimit: 2, refusalWindow: 0, disposeTimeout: 9 }],
}
const token = {
  machine: tokenMachine,
  actions: [],
  events: ['due', 'due', 'refused', 'replaced', 'arrived', 'retry', 'elapse', 'elapse'],
  inputs: [{ entryId: 'e' }],
}

/** A row of numbers that is the same in every run (a linear congruential generator). */
function dice(seed: number) {
  let state = seed
  return (sides: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * sides)
  }
}

const shown = (snapshot: AnyMachineSnapshot) => ({
  value: snapshot.value,
  context: snapshot.context,
  status: snapshot.status,
  output: snapshot.output,
  tags: [...snapshot.tags].sort(),
  children: Object.keys(snapshot.children),
})

/** A step of the driver, with the actions that it has executed. */
const stepOf = ({ snapshot, work, emitted, timers }: Step<AnyStateMachine>, done: readonly unknown[]) => ({
  ...shown(snapshot),
  work: work && [work.id, work.src, work.input],
  emitted,
  timers: timers.map((timer) => (timer.type === 'start' ? [timer.id, timer.delay] : [timer.id])),
  done,
})

/** The step that XState's free functions return. */
function referenceOf([snapshot, effects]: readonly [AnyMachineSnapshot, readonly ExecutableActionObject[]]) {
  const of = (...types: string[]) =>
    effects
      .filter(({ type }) => types.includes(type))
      .map(({ type, params }) => ({ type, ...Object(params) }))
  return {
    ...shown(snapshot),
    work: of('xstate.spawnChild').map(({ id, src, input }) => [id, src, input])[0] ?? null,
    emitted: of('xstate.emit').map(({ event }) => event),
    timers: of('xstate.raise', 'xstate.cancel').map(({ id, delay, sendId }) =>
      id === undefined ? [sendId] : [id, delay],
    ),
    done: effects.filter(({ type }) => !type.startsWith('xstate.')).map(({ type, params }) => [type, params]),
  }
}

describe.each([
  ['configFlow', flow, 60],
  ['optionsFlow', options, 40],
  ['subentryFlow', under, 40],
  ['configEntry', life, 60],
  ['token', token, 30],
] as const)('Driver, on walks through %s', (_, { machine, actions, events, inputs }, places) => {
  it('takes every step as XState takes it', () => {
    let done: [string, unknown][] = []
    const noted = (name: string) => (_: unknown, params: unknown) => done.push([name, params])
    const watched: AnyStateMachine = (machine as AnyStateMachine).provide({
      actions: Object.fromEntries(actions.map((name) => [name, noted(name)])),
    })
    const driver = new Driver<AnyStateMachine>(watched, inputs[0])
    const roll = dice(7)
    const pick = <Item>(items: readonly Item[]): Item => items[roll(items.length)] as Item
    const seen = new Set<string>()
    let refused = 0
    for (let walk = 0; walk < 500; walk++) {
      const input = pick<unknown>(inputs)
      let ours: Step<AnyStateMachine> = driver.start(input)
      const started = initialTransition(watched, input)
      let theirs: AnyMachineSnapshot = started[0]
      let work = ours.work
      expect(stepOf(ours, done)).toEqual(referenceOf(started))
      for (let step = 0; step < 20 && ours.snapshot.status === 'active'; step++) {
        const isWorking = Object.keys(ours.snapshot.children).length > 0
        const at = JSON.stringify(ours.snapshot.value)
        let event: AnyEventObject
        if (isWorking && work !== null && roll(3) > 0) {
          const { id, src } = work
          const failed = roll(6) === 0
          event = failed
            ? { type: `xstate.error.actor.${id}`, error: 'thrown', actorId: id }
            : { type: `xstate.done.actor.${id}`, output: pick(outcomesOf(src)), actorId: id }
        } else {
          event = {
            type: pick(events),
            draft,
            values: { step },
            errors: { base: { code: 'no' } },
            method: 'a',
            connection: other,
            wait: 7,
            retryRejected: roll(2) === 0,
          }
          const [delayed] = ours.snapshot._nodes.flatMap(({ after }) => after)
          if (event.type === 'elapse' && delayed !== undefined) event = { type: delayed.eventType }
          if (!isWorking && roll(3) === 0) {
            const { value, context } = ours.snapshot
            ours = { ...ours, snapshot: driver.resume(value, context) }
          }
        }
        done = []
        const next = driver.send(ours.snapshot, event)
        const expected = transition(watched, theirs, event)
        seen.add(`${at} ${event.type}`)
        if (next === null) {
          expect([expected[0], expected[1]]).toEqual([theirs, []])
          refused++
          continue
        }
        expect(stepOf(next, done)).toEqual(referenceOf(expected))
        ours = next
        theirs = expected[0]
        work = next.work ?? work
      }
      done = []
    }
    expect(seen.size).toBeGreaterThan(places)
    expect(refused).toBeGreaterThan(200)
  })
})
