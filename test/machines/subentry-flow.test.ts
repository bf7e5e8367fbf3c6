import { describe, expect, it } from '@jest/globals'
import { type AnyMachineSnapshot, type AnyStateMachine, initialTransition, type StateValue } from 'xstate'
import { Draft, subentryFlowMachine } from '../../machines/index.ts'
import { nodesOf } from '../../src/diagrams/mermaid.ts'
import { cameOf, move, stateOf, table } from './moves.ts'

const machine: AnyStateMachine = subentryFlowMachine
const draft = new Draft({ values: { name: 'Hall' } })
const entry = { uniqueId: 'me', credentialRevision: 3, title: 'Mine', values: { name: 'Loft' } }
const named = { title: 'Hall', uniqueId: 'hall' }
const isNew = { type: 'room', subentryId: null, revision: null }
const isOld = { type: 'room', subentryId: 's', revision: 4 }
const input = { flowId: 'f', source: 'subentry', entryId: 'e', subentry: { type: 'room', subentryId: null } }
const [{ context: first }] = initialTransition(machine, input)
const at = (value: StateValue, changes: object = {}): AnyMachineSnapshot =>
  machine.resolveState({ value, context: { ...first, entry, ...changes } })

const paged = (...pages: string[]) => ({ entryPages: { 'subentry room new': pages }, subentry: isNew })

const states: Record<string, AnyMachineSnapshot> = {
  findingSubentry: at('findingSubentry', { entry: null }),
  add_subentry: at({ asking: 'add_subentry' }),
  change_subentry: at({ asking: 'change_subentry' }, { subentry: isOld }),
  'add_subentry:paged': at({ asking: 'add_subentry' }, paged('form', 'form')),
  'add_subentry:finding': at({ asking: 'add_subentry' }, paged('form', 'found_form')),
  'add_subentry:unlisted': at({ asking: 'add_subentry' }, paged('found_form')),
  'change_subentry:last': at(
    { asking: 'change_subentry' },
    { subentry: isOld, entryPages: { 'subentry room stored': ['form', 'form'] }, page: 1, draft },
  ),
  findingChoices: at('findingChoices', paged('found_form')),
  'findingChoices:old': at('findingChoices', { subentry: isOld }),
  checkingSubentry: at('checkingSubentry', { draft }),
  savingSubentry: at('savingSubentry', { draft, named }),
  findingSaved: at('findingSaved', { draft, named }),
  findingChange: at('findingSaved', { draft, named, subentry: isOld }),
  savingChange: at('savingSubentry', { draft, named, subentry: isOld }),
  loadingSubentry: at('loadingSubentry', { draft, subentry: { ...isNew, subentryId: 's' }, success: true }),
  reloadingEntry: at('reloadingEntry', { draft, subentry: isOld }),
  create_entry: at('create_entry'),
  abort: at('abort', { reason: 'cancelled' }),
}
const events: Record<string, object> = {
  submit: { draft, values: { name: 'Hall' } },
  reject: { errors: { '/name': { code: 'too_small' } }, values: { name: '' } },
}

/** Hand-written. A target with a colon is the end and its reason; `-` is refused with a typed error. */
const pairs = table(`
state                  submit            reject  retry           back             cancel           expire              expireDraft      entryRemoved         entryDisabled         leaseLost
findingSubentry        -                 -       -               -                abort:cancelled  -                   -                abort:entry_removed  abort:entry_disabled  -
add_subentry           checkingSubentry  stays   -               -                abort:cancelled  abort:flow_expired  -                abort:entry_removed  abort:entry_disabled  -
add_subentry:paged     add_subentry      stays   -               -                abort:cancelled  abort:flow_expired  -                abort:entry_removed  abort:entry_disabled  -
add_subentry:finding   findingChoices    stays   -               -                abort:cancelled  abort:flow_expired  -                abort:entry_removed  abort:entry_disabled  -
add_subentry:unlisted  checkingSubentry  stays   findingChoices  -                abort:cancelled  abort:flow_expired  -                abort:entry_removed  abort:entry_disabled  -
change_subentry        checkingSubentry  stays   -               -                abort:cancelled  abort:flow_expired  -                abort:entry_removed  abort:entry_disabled  -
change_subentry:last   checkingSubentry  stays   -               change_subentry  abort:cancelled  abort:flow_expired  change_subentry  abort:entry_removed  abort:entry_disabled  -
findingChoices         -                 -       -               -                abort:cancelled  -                   -                abort:entry_removed  abort:entry_disabled  add_subentry
findingChoices:old     -                 -       -               -                abort:cancelled  -                   -                abort:entry_removed  abort:entry_disabled  change_subentry
checkingSubentry       -                 -       -               -                abort:cancelled  -                   -                abort:entry_removed  abort:entry_disabled  add_subentry
savingSubentry         -                 -       -               -                -                -                   -                -                    -                     -
findingSaved           -                 -       -               -                -                -                   -                -                    -                     -
loadingSubentry        -                 -       -               -                -                -                   -                -                    -                     -
reloadingEntry         -                 -       -               -                -                -                   -                -                    -                     -
create_entry           -                 -       -               -                -                -                   -                -                    -                     -
abort                  -                 -       -               -                -                -                   -                -                    -                     -
`)

describe('subentryFlowMachine', () => {
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
    const all = nodesOf(machine.root).filter(({ type }) => type === 'atomic' || type === 'final')
    expect([...new Set(pairs.map(({ state }) => state.replace(/:.*/, '')))].sort()).toEqual(
      all.map(({ key }) => key).sort(),
    )
    const columns = new Set(pairs.map(({ event }) => event))
    expect([...columns].sort()).toEqual(machine.events.filter((type) => !type.startsWith('xstate.')).sort())
  })

  it('starts by finding its entry and sub-entry', () => {
    const [snapshot] = initialTransition(machine, input)
    expect(stateOf(snapshot)).toBe('findingSubentry')
    expect(snapshot.children.findSubentry?.getSnapshot().input).toEqual({
      flowId: 'f',
      entryId: 'e',
      subentry: isNew,
    })
  })

  it('loads the choices of its first page over the connection of the entry', () => {
    const finding = at('findingSubentry', { ...paged('found_form'), entry: null })
    const found = { type: 'found', entry, subentry: isNew }
    const asked = move(machine, finding, cameOf(finding, { output: found }))?.snapshot as AnyMachineSnapshot
    expect(stateOf(asked)).toBe('findingChoices')
    const choices = { room: [{ value: '1', label: 'Hall' }] }
    const results: readonly [object, string][] = [
      [{ type: 'found', choices }, 'asking.add_subentry'],
      [{ type: 'failed', error: 'entry_not_loaded', unlisted: ['room'] }, 'asking.add_subentry'],
      [{ type: 'missing' }, 'abort'],
      [{ type: 'disabled' }, 'abort'],
      [{ type: 'aborted', reason: 'no_rooms' }, 'abort'],
    ]
    for (const [output, state] of results)
      expect(move(machine, asked, cameOf(asked, { output }))?.state).toBe(state)
    expect(move(machine, asked, cameOf(asked, { error: new Error('boom') }))?.state).toBe(
      'asking.add_subentry',
    )
  })

  it('does not start without a sub-entry', () => {
    const [snapshot] = initialTransition(machine, { flowId: 'f', source: 'subentry', entryId: 'e' })
    expect(snapshot.status).toBe('error')
  })
})

const show = (state: string, result: { output: unknown } | { error: unknown }) => {
  const from = states[state] as AnyMachineSnapshot
  const moved = move(machine, from, cameOf(from, result))
  if (moved === null) throw new Error('refused')
  return { ...moved, ...moved.snapshot.context, output: moved.snapshot.output }
}

describe('findingSubentry', () => {
  it.each([
    ['add_subentry', isNew],
    ['change_subentry', isOld],
  ])('asks at %s, with what there is', (step, subentry) => {
    expect(show('findingSubentry', { output: { type: 'found', entry, subentry } })).toMatchObject({
      state: `asking.${step}`,
      values: { name: 'Loft' },
      subentry,
    })
  })
  it.each([
    ['full', 'too_many_subentries'],
    ['disabled', 'entry_disabled'],
    ['missing', 'entry_removed'],
  ])('ends where the entry is %s', (type, reason) => {
    expect(show('findingSubentry', { output: { type } })).toMatchObject({
      state: 'abort',
      reason,
      output: { type: 'abort', reason, entryId: 'e', subentry: isNew, success: false },
    })
  })
  it('ends where the store fails', () => {
    expect(show('findingSubentry', { error: new Error('disk full') })).toMatchObject({ reason: 'unknown' })
  })
})

describe('checkingSubentry', () => {
  it('receives the draft', () => {
    const moved = move(machine, states.add_subentry as AnyMachineSnapshot, {
      type: 'submit',
      ...events.submit,
    })
    expect(moved?.snapshot.children.checkSubentry?.getSnapshot().input).toEqual({
      flowId: 'f',
      entryId: 'e',
      subentry: isNew,
      draft,
    })
  })
  it.each([
    [{ type: 'failed', error: 'rate_limited', until: 9 }, { base: { code: 'rate_limited', until: 9 } }],
    [{ type: 'refused', errors: { '/name': { code: 'no_room' } } }, { '/name': { code: 'no_room' } }],
  ])('shows why it is not taken: %j', (output, errors) => {
    expect(show('checkingSubentry', { output })).toMatchObject({
      state: 'asking.add_subentry',
      errors,
      draft: null,
    })
  })
  it('shows unexpected errors', () => {
    expect(show('checkingSubentry', { error: new Error('boom') })).toMatchObject({
      state: 'asking.add_subentry',
      errors: { base: { code: 'unknown' } },
    })
  })
  it.each([
    ['missing', 'entry_removed'],
    ['disabled', 'entry_disabled'],
  ])('ends where the entry is %s', (type, reason) => {
    expect(show('checkingSubentry', { output: { type } })).toMatchObject({ state: 'abort', reason })
  })
  it('ends if the integration ends the flow', () => {
    const output = { type: 'aborted', reason: 'no_rooms' }
    expect(show('checkingSubentry', { output })).toMatchObject({ state: 'abort', reason: 'no_rooms' })
  })
  it('continues by saving the named sub-entry', () => {
    const moved = show('checkingSubentry', { output: { type: 'named', named } })
    expect(moved).toMatchObject({ state: 'savingSubentry', invokes: ['saveSubentry'] })
    expect(moved.snapshot.children.saveSubentry?.getSnapshot().input).toEqual({
      flowId: 'f',
      entryId: 'e',
      draft,
      named,
      subentry: isNew,
      end: { type: 'create_entry', reason: null, success: true },
    })
  })
})

describe('findingSaved', () => {
  const kept = { output: { type: 'saved', subentryId: 's' } }
  it('follows a save without an answer', () => {
    expect(show('savingSubentry', { output: { type: 'unanswered' } })).toMatchObject({
      state: 'findingSaved',
      invokes: ['findSaved'],
    })
  })
  it.each<[string, object, string]>([
    ['findingSaved', kept, 'loadingSubentry'],
    ['findingChange', kept, 'reloadingEntry'],
    ['findingSaved', { output: { type: 'ended' } }, 'abort'],
    ['findingSaved', { output: { type: 'unsaved' } }, 'asking.add_subentry'],
    ['findingSaved', { error: new Error('disk full') }, 'asking.add_subentry'],
  ])('in %s, after %j, goes to %s', (from, result, state) => {
    expect(show(from, result as { output: unknown })).toMatchObject({ state })
  })
})

describe('savingSubentry', () => {
  it('says of a change another end', () => {
    const from = at('checkingSubentry', { draft, subentry: isOld })
    const moved = move(machine, from, cameOf(from, { output: { type: 'named', named } }))
    expect(moved?.snapshot.children.saveSubentry?.getSnapshot().input).toMatchObject({
      subentry: isOld,
      end: { type: 'abort', reason: 'reconfigure_successful', success: true },
    })
  })
  it('reloads the entry after a new one is saved', () => {
    expect(show('savingSubentry', { output: { type: 'saved', subentryId: 's' } })).toMatchObject({
      state: 'loadingSubentry',
      invokes: ['reloadEntry'],
      subentry: { ...isNew, subentryId: 's' },
    })
  })
  it('reloads the entry after a change is saved', () => {
    expect(show('savingChange', { output: { type: 'saved', subentryId: 's' } })).toMatchObject({
      state: 'reloadingEntry',
      invokes: ['reloadEntry'],
      subentry: isOld,
    })
  })
  it('saves again if another process has written the entry', () => {
    expect(show('savingSubentry', { output: { type: 'outdated' } })).toMatchObject({
      state: 'savingSubentry',
      invokes: ['saveSubentry'],
    })
  })
  it.each([
    ['unchanged', 'reconfigure_successful'],
    ['missing', 'entry_removed'],
    ['disabled', 'entry_disabled'],
    ['changed', 'entry_changed'],
    ['taken', 'already_configured'],
    ['full', 'too_many_subentries'],
    ['ended', 'cancelled'],
  ])('ends if the saved sub-entry is %s', (type, reason) => {
    expect(show('savingChange', { output: { type } })).toMatchObject({ state: 'abort', reason, invokes: [] })
  })
  it.each([
    ['add_subentry', { output: { type: 'named', named } }],
    ['change_subentry', { output: { type: 'named', named } }],
    ['add_subentry', null],
    ['change_subentry', null],
  ])('returns to %s if the check or the save throws (%j)', (step, checked) => {
    const failed = { error: new Error('disk full') }
    let from = move(machine, states[step] as AnyMachineSnapshot, { type: 'submit', ...events.submit })
    if (checked !== null && from !== null) from = move(machine, from.snapshot, cameOf(from.snapshot, checked))
    const moved = from && move(machine, from.snapshot, cameOf(from.snapshot, failed))
    expect(moved?.state).toBe(`asking.${step}`)
    expect(moved?.snapshot.context.errors).toEqual({ base: { code: 'unknown' } })
  })
})

describe('the entry that reloads', () => {
  it.each([{ output: undefined }, { error: new Error('it does not run') }])(
    'does not change the end: %j',
    (result) => {
      expect(show('loadingSubentry', result)).toMatchObject({
        state: 'create_entry',
        output: {
          type: 'create_entry',
          reason: null,
          entryId: 'e',
          subentry: { subentryId: 's' },
          success: true,
        },
      })
      expect(show('reloadingEntry', result)).toMatchObject({
        state: 'abort',
        reason: 'reconfigure_successful',
        draft: null,
      })
    },
  )
})
