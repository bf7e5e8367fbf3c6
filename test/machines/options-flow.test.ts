import { describe, expect, it } from '@jest/globals'
import { type AnyMachineSnapshot, type AnyStateMachine, initialTransition, type StateValue } from 'xstate'
import { Draft, optionsFlowMachine } from '../../machines/index.ts'
import { nodesOf } from '../../src/diagrams/mermaid.ts'
import { cameOf, move, stateOf, table } from './moves.ts'

const machine: AnyStateMachine = optionsFlowMachine
const draft = new Draft({ values: { interval: 5 } })
const entry = { uniqueId: 'me', credentialRevision: 3, title: 'Mine', values: { interval: 60 } }
const [{ context: first }] = initialTransition(machine, { flowId: 'f', source: 'options', entryId: 'e' })
const at = (value: StateValue, changes: object = {}): AnyMachineSnapshot =>
  machine.resolveState({ value, context: { ...first, entry, ...changes } })

const states: Record<string, AnyMachineSnapshot> = {
  findingEntry: at('findingEntry', { entry: null }),
  init: at({ asking: 'init' }),
  'init:paged': at({ asking: 'init' }, { entryPages: { options: ['form', 'form'] } }),
  'init:finding': at({ asking: 'init' }, { entryPages: { options: ['form', 'found_form'] } }),
  'init:unlisted': at({ asking: 'init' }, { entryPages: { options: ['found_form'] } }),
  'init:last': at({ asking: 'init' }, { entryPages: { options: ['form', 'form'] }, page: 1, draft }),
  findingChoices: at('findingChoices', { entryPages: { options: ['found_form'] } }),
  savingOptions: at('savingOptions', { draft }),
  findingSaved: at('findingSaved', { draft }),
  reloadingEntry: at('reloadingEntry', { draft }),
  abort: at('abort', { reason: 'cancelled' }),
}
const events: Record<string, object> = {
  submit: { draft, values: { interval: 5 } },
  reject: { errors: { '/interval': { code: 'too_small' } }, values: { interval: 0 } },
}

/** Hand-written. A target with a colon is the end and its reason; `-` is refused with a typed error. */
const pairs = table(`
state           submit          reject  retry           back  cancel           expire              expireDraft  entryRemoved         entryDisabled         leaseLost
findingEntry    -               -       -               -     abort:cancelled  -                   -            abort:entry_removed  abort:entry_disabled  -
init            savingOptions   stays   -               -     abort:cancelled  abort:flow_expired  -            abort:entry_removed  abort:entry_disabled  -
init:paged      init            stays   -               -     abort:cancelled  abort:flow_expired  -            abort:entry_removed  abort:entry_disabled  -
init:finding    findingChoices  stays   -               -     abort:cancelled  abort:flow_expired  -            abort:entry_removed  abort:entry_disabled  -
init:unlisted   savingOptions   stays   findingChoices  -     abort:cancelled  abort:flow_expired  -            abort:entry_removed  abort:entry_disabled  -
init:last       savingOptions   stays   -               init  abort:cancelled  abort:flow_expired  init         abort:entry_removed  abort:entry_disabled  -
findingChoices  -               -       -               -     abort:cancelled  -                   -            abort:entry_removed  abort:entry_disabled  init
savingOptions   -               -       -               -     -                -                   -            -                    -                     -
findingSaved    -               -       -               -     -                -                   -            -                    -                     -
reloadingEntry  -               -       -               -     -                -                   -            -                    -                     -
abort           -               -       -               -     -                -                   -            -                    -                     -
`)

describe('optionsFlowMachine', () => {
  it.each(pairs)('in $state: $event → $target', ({ state, event, target }) => {
    const from = states[state] as AnyMachineSnapshot
    const moved = move(machine, from, { type: event, ...events[event] })
    if (target === '-') return expect(moved).toBeNull()
    if (target === 'stays') return expect(moved?.state).toBe(stateOf(from))
    const [step, reason = null] = target.split(':')
    expect(moved?.state.replace('asking.', '')).toBe(step)
    expect(moved?.snapshot.context.reason).toBe(reason)
  })

  it('has a row for every resting state, and a column for every event', () => {
    const all = nodesOf(machine.root).filter(({ states }) => Object.keys(states).length === 0)
    expect([...new Set(pairs.map(({ state }) => state.replace(/:.*/, '')))].sort()).toEqual(
      all.map(({ key }) => key).sort(),
    )
    const columns = new Set(pairs.map(({ event }) => event))
    expect([...columns].sort()).toEqual(machine.events.filter((type) => !type.startsWith('xstate.')).sort())
  })

  it('starts by looking for its entry', () => {
    const [snapshot] = initialTransition(machine, { flowId: 'f', source: 'options', entryId: 'e' })
    expect(stateOf(snapshot)).toBe('findingEntry')
  })
})

const show = (state: string, result: { output: unknown } | { error: unknown }) => {
  const from = states[state] as AnyMachineSnapshot
  const moved = move(machine, from, cameOf(from, result))
  if (moved === null) throw new Error('refused')
  return { ...moved, ...moved.snapshot.context }
}

describe('findingEntry of an options flow', () => {
  it('asks, with the options of the entry', () => {
    const { state, values } = show('findingEntry', { output: { type: 'found', entry } })
    expect([state, values]).toEqual(['asking.init', { interval: 60 }])
  })
})

describe('findingChoices of an options flow', () => {
  const choices = { room: [{ value: '1', label: 'Hall' }] }
  it('shows the form with what the entry offers', () => {
    const shown = show('findingChoices', { output: { type: 'found', choices } })
    expect(shown).toMatchObject({ state: 'asking.init', choices: { 0: choices }, errors: {} })
  })
  it.each([
    [{ output: { type: 'failed', error: 'entry_not_loaded', unlisted: ['room'] } }, 'entry_not_loaded'],
    [{ error: new Error('boom') }, 'unknown'],
  ])('shows the form without choices where %j', (result, code) => {
    expect(show('findingChoices', result)).toMatchObject({ state: 'asking.init', errors: { base: { code } } })
  })
  it.each([
    ['missing', 'entry_removed'],
    ['disabled', 'entry_disabled'],
  ])('ends where the entry is %s', (type, reason) => {
    expect(show('findingChoices', { output: { type } })).toMatchObject({ state: 'abort', reason })
  })
  it('ends with the reason of the integration', () => {
    const output = { type: 'aborted', reason: 'no_rooms', params: { model: 'Hub' } }
    const ended = show('findingChoices', { output })
    expect(ended).toMatchObject({ state: 'abort', reason: 'no_rooms', params: { model: 'Hub' } })
  })
  it('is the first state after the entry if the form needs choices', () => {
    const finding = at('findingEntry', { entry: null, entryPages: { options: ['found_form'] } })
    expect(move(machine, finding, cameOf(finding, { output: { type: 'found', entry } }))?.state).toBe(
      'findingChoices',
    )
  })
})

describe('findingSaved', () => {
  it('follows a save without an answer', () => {
    expect(show('savingOptions', { output: { type: 'unanswered' } })).toMatchObject({
      state: 'findingSaved',
      invokes: ['findSaved'],
    })
  })
  it.each<[object, string]>([
    [{ output: { type: 'updated' } }, 'reloadingEntry'],
    [{ output: { type: 'ended' } }, 'abort'],
    [{ output: { type: 'unsaved' } }, 'asking.init'],
    [{ error: new Error('disk full') }, 'asking.init'],
  ])('after %j, goes to %s', (result, state) => {
    expect(show('findingSaved', result as { output: unknown })).toMatchObject({ state })
  })
})

describe('savingOptions', () => {
  it('passes the draft and the result to save', () => {
    const moved = move(machine, states.init as AnyMachineSnapshot, { type: 'submit', ...events.submit })
    expect(moved?.snapshot.children.saveOptions?.getSnapshot().input).toEqual({
      flowId: 'f',
      entryId: 'e',
      draft,
      end: { type: 'abort', reason: 'options_successful', success: true },
    })
  })
  it('reloads the entry once they are saved', () => {
    expect(show('savingOptions', { output: { type: 'saved' } })).toMatchObject({
      state: 'reloadingEntry',
      invokes: ['reloadEntry'],
    })
  })
  it('succeeds without a reload if they are unchanged', () => {
    expect(show('savingOptions', { output: { type: 'unchanged' } })).toMatchObject({
      state: 'abort',
      reason: 'options_successful',
      invokes: [],
    })
  })
  it('saves again if another process has written the entry', () => {
    expect(show('savingOptions', { output: { type: 'outdated' } })).toMatchObject({
      state: 'savingOptions',
      invokes: ['saveOptions'],
    })
  })
  it.each([
    ['missing', 'entry_removed'],
    ['disabled', 'entry_disabled'],
    ['ended', 'cancelled'],
  ])('ends where the entry or the flow is %s', (type, reason) => {
    expect(show('savingOptions', { output: { type } })).toMatchObject({ state: 'abort', reason })
  })
  it('goes back to the form where the store fails', () => {
    expect(show('savingOptions', { error: new Error('disk full') })).toMatchObject({
      state: 'asking.init',
      errors: { base: { code: 'unknown' } },
    })
  })
})

describe('reloadingEntry of an options flow', () => {
  it.each([{ output: undefined }, { error: new Error('it does not run') }])('succeeds: %j', (result) => {
    expect(show('reloadingEntry', result)).toMatchObject({
      state: 'abort',
      reason: 'options_successful',
      draft: null,
    })
  })
})
