import { describe, expect, it } from '@jest/globals'
import type { AnyEventObject, AnyStateMachine } from 'xstate'
import { configEntryMachine } from '../../machines/config-entry.ts'
import { configFlowMachine } from '../../machines/config-flow.ts'
import { Connection, Draft } from '../../machines/draft.ts'
import { optionsFlowMachine } from '../../machines/options-flow.ts'
import { subentryFlowMachine } from '../../machines/subentry-flow.ts'
import { Driver, type Step } from '../../src/engine/statecharts/driver.ts'
import { type Told, xstateSteps } from './xstate-steps.ts'

const mine = new Connection('mine')
const other = new Connection('other')
const draft = new Draft({ values: {} })
const entry = { uniqueId: 'me', credentialRevision: 1, title: 'Mine', values: { host: 'a' } }
const proven = { type: 'connected', uniqueId: 'me', expected: 'me', connection: mine }

/** What each actor may answer; what leads on comes more than once, so that walks get far. */
const answers: Readonly<Record<string, readonly unknown[]>> = {
  findEntry: [...Array(3).fill({ type: 'found', entry }), { type: 'missing' }, { type: 'disabled' }],
  checkConnection: [
    ...[proven, proven, { ...proven, uniqueId: 'you', connection: other }],
    ...[
      { type: 'challenged', challenge: 'otp', draft },
      { type: 'failed', error: 'invalid_auth' },
    ],
    { type: 'failed', error: 'rate_limited', until: 5 },
  ],
  findOptions: [
    { type: 'found', options: [{ value: '1', label: 'Home' }] },
    { type: 'failed', error: 'timeout' },
  ],
  createEntry: [{ type: 'created', entryId: 'new' }, { type: 'taken' }, { type: 'ended' }],
  updateEntry: ['updated', 'updated', 'outdated', 'changed', 'missing', 'disabled', 'ended'].map((type) => ({
    type,
  })),
  reloadEntry: [undefined],
  tryEntry: [{ type: 'running' }, { type: 'failed', error: 'timeout' }],
  restoreEntry: [{ type: 'restored', credentialRevision: 5 }, { type: 'changed' }, { type: 'missing' }],
  saveOptions: ['saved', 'unchanged', 'outdated', 'missing', 'disabled', 'ended'].map((type) => ({ type })),
  findSubentry: [null, 4].map((revision) => ({
    ...{ type: 'found', entry, subentry: { type: 'room', subentryId: revision && 's', revision } },
  })),
  checkSubentry: [
    ...Array(3).fill({ type: 'named', named: { title: 'Hall', uniqueId: null } }),
    { type: 'refused', errors: { base: { code: 'no_room' } } },
    { type: 'failed', error: 'reauth_required' },
    ...[{ type: 'missing' }, { type: 'disabled' }],
  ],
  saveSubentry: [
    ...Array(3).fill({ type: 'saved', subentryId: 's' }),
    ...['unchanged', 'outdated', 'changed', 'taken', 'full', 'missing', 'ended'].map((type) => ({ type })),
  ],
  migrateEntry: [{ type: 'current' }, { type: 'current' }, { type: 'failed', reason: 'migration_error' }],
  setUpEntry: [
    ...[proven, proven, proven, { ...proven, expected: 'you', connection: other }],
    ...['invalid_auth', 'cannot_connect', 'setup_error'].map((error) => ({
      type: 'failed',
      error,
      until: 9,
    })),
    ...['rejected', 'missing', 'disabled', 'outdated', 'refused', 'refused'].map((type) => ({ type })),
  ],
  restoreOriginal: [{ type: 'restored' }, { type: 'restored' }, { type: 'proven' }],
  requireReauth: [{ type: 'required' }, { type: 'gone' }],
  unloadEntry: [undefined],
}
const outcomesOf = (src: string) => answers[src === 'probeEntry' ? 'setUpEntry' : src] ?? []

const flow = {
  machine: configFlowMachine,
  action: 'disposeConnection',
  events: [
    ...['submit', 'submit', 'reject', 'back', 'cancel', 'expire', 'expireDraft', 'supersede'],
    ...['pick', 'choose'],
    ...['entryRepaired', 'entryRemoved', 'entryDisabled', 'nonsense'],
  ],
  inputs: ['user', 'reauth', 'reconfigure'].flatMap((source) =>
    [
      ...['abort', 'retry'].map((onAccountMismatch) => ({ onAccountMismatch })),
      { ways: { a: ['form', 'found_menu', 'form'], b: ['menu'] } },
      { adopts: false, adoptsIdentity: true },
    ].map((facts) => ({ flowId: 'f', source, entryId: 'e', ...facts })),
  ),
}
const options = {
  ...flow,
  machine: optionsFlowMachine,
  inputs: [{ flowId: 'f', source: 'options', entryId: 'e' }],
}
const under = {
  ...flow,
  machine: subentryFlowMachine,
  inputs: [null, 's'].map((subentryId) => ({
    ...{ flowId: 'f', source: 'subentry', entryId: 'e', subentry: { type: 'room', subentryId } },
  })),
}
const life = {
  machine: configEntryMachine,
  action: 'retireConnection',
  events: [
    'setup',
    'setup',
    'retry',
    'adopt',
    'authFailed',
    'lost',
    'unload',
    'forceUnload',
    'disable',
    'enable',
  ],
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

const told = (step: Told | Step<AnyStateMachine> | null) =>
  step && {
    value: step.snapshot.value,
    context: step.snapshot.context,
    status: step.snapshot.status,
    output: step.snapshot.output,
    tags: [...step.snapshot.tags].sort(),
    children: Object.keys(step.snapshot.children),
    work: step.work && [step.work.id, step.work.src, step.work.input],
    emitted: step.emitted,
  }

describe.each([
  ['configFlow', flow, 60],
  ['optionsFlow', options, 40],
  ['subentryFlow', under, 40],
  ['configEntry', life, 60],
] as const)('Driver, on walks through %s', (_, { machine, action, events, inputs }, places) => {
  it('takes every step as XState takes it', () => {
    const done: [string, unknown][][] = [[], []]
    const watched = (which: number): AnyStateMachine =>
      (machine as AnyStateMachine).provide({
        actions: { [action]: (_: unknown, params: unknown) => done[which]?.push([action, params]) },
      })
    const driver = new Driver<AnyStateMachine>(watched(0), inputs[0])
    const xstate = xstateSteps(watched(1), inputs[0])
    const roll = dice(7)
    const pick = <Item>(items: readonly Item[]): Item => items[roll(items.length)] as Item
    const seen = new Set<string>()
    let refused = 0
    for (let walk = 0; walk < 500; walk++) {
      const input = pick<unknown>(inputs)
      let ours: Step<AnyStateMachine> = driver.start(input)
      let theirs: Told = xstate.start(input)
      let work = ours.work
      expect(told(ours)).toEqual(told(theirs))
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
            ...{
              type: pick(events),
              draft,
              values: { step },
              errors: { base: { code: 'no' } },
              method: 'a',
              connection: other,
            },
            ...{ lived: pick([1, 99_999]), retryRejected: roll(2) === 0 },
          }
          if (!isWorking && roll(3) === 0) {
            const { value, context } = ours.snapshot
            ours = { ...ours, snapshot: driver.resume(JSON.stringify(value), value, context) }
          }
        }
        const next = driver.send(ours.snapshot, event)
        const expected = xstate.send(theirs.snapshot, event)
        expect(told(next)).toEqual(told(expected))
        expect(done[0]).toEqual(done[1])
        seen.add(`${at} ${event.type}`)
        if (next === null || expected === null) refused++
        else {
          ours = next
          theirs = expected
          work = next.work ?? work
        }
      }
      for (const log of done) log.length = 0
    }
    expect(seen.size).toBeGreaterThan(places)
    expect(refused).toBeGreaterThan(200)
  })
})
