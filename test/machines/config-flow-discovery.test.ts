import { describe, expect, it } from '@jest/globals'
import { type AnyMachineSnapshot, type AnyStateMachine, initialTransition } from 'xstate'
import { Connection, configFlowMachine, Draft } from '../../machines/index.ts'
import { cameOf, move, stateOf } from './moves.ts'

const machine: AnyStateMachine = configFlowMachine
const draft = new Draft({ values: { token: 'typed' } })
const connection = new Connection('open')
const found = { uniqueId: 'me', title: 'Hub', key: 'mdns' }
const discovery = { source: 'discovery', found, values: { host: 'hub' } }

/** A flow that has just begun. */
const begun = (input: object): AnyMachineSnapshot =>
  initialTransition(machine, { flowId: 'flow-1', entryId: null, ...input })[0]

/** The state of a flow after these results in order. */
function after(
  from: AnyMachineSnapshot,
  ...results: readonly (
    | { output: unknown }
    | { error: unknown }
    | { type: string; method?: string; entryId?: string }
  )[]
) {
  let moved: ReturnType<typeof move> = null
  let at = from
  for (const result of results) {
    moved = move(machine, at, 'type' in result ? result : cameOf(at, result))
    if (moved === null) throw new Error(`refused in ${stateOf(at)}`)
    at = moved.snapshot
  }
  if (moved === null) throw new Error('nothing happened')
  const { reason, errors, entryId, values } = moved.snapshot.context
  return { ...moved, reason, errors, entryId, values, output: moved.snapshot.output }
}

const outcome = (type: string, more: object = {}) => ({ output: { type, ...more } })
const boom = { error: new Error('boom') }
const submit = { type: 'submit', draft, values: { host: 'hub' } }
const connected = (uniqueId: string | null) => outcome('connected', { uniqueId, connection })
const disposed = [['closeConnection', { connection }]]

describe('a config flow that begins', () => {
  it.each([
    ['a discovery looks for its account', discovery, 'findingAccount'],
    ['an import is checked immediately', { source: 'import', draft }, 'checkingConnection'],
    ['a user sees the form immediately', { source: 'user' }, 'asking.user'],
    [
      'the flow checks for a single instance before the form',
      { source: 'user', singleInstance: true },
      'findingAccount',
    ],
    [
      'the flow checks for a single instance before an import',
      { source: 'import', singleInstance: true, draft },
      'findingAccount',
    ],
  ])('%s', (_, input, state) => {
    expect(stateOf(begun(input))).toBe(state)
  })
})

describe('findingAccount', () => {
  it.each([
    [discovery, 'asking.discovery_confirm'],
    [{ source: 'user', singleInstance: true }, 'asking.user'],
    [{ source: 'import', singleInstance: true, draft }, 'checkingConnection'],
  ])('goes on where nothing is in the way: %j', (input, state) => {
    const moved = after(begun(input), outcome('free'))
    expect(moved).toMatchObject({ state, errors: {}, entryId: null })
  })
  it('shows the discovered account, and starts no work', () => {
    const moved = after(begun(discovery), outcome('free'))
    expect(moved).toMatchObject({ values: { host: 'hub' }, invokes: [], does: [] })
  })
  it.each([
    [outcome('held'), 'already_in_progress', null],
    [outcome('only', { entryId: 'entry-2' }), 'single_instance_allowed', 'entry-2'],
    [boom, 'unknown', null],
    [{ type: 'cancel' }, 'cancelled', null],
  ])('ends where %j', (result, reason, entryId) => {
    const output = { type: 'abort', reason, entryId }
    expect(after(begun(discovery), result)).toMatchObject({ state: 'abort', output })
  })
  it.each([
    ['known', {}, 'noticingEntry', 'noticeEntry'],
    ['returned', {}, 'withdrawingProposal', 'withdrawProposal'],
    ['moved', { followed: false }, 'proposingAddress', 'proposeAddress'],
    ['moved', { followed: true }, 'keepingAddress', 'keepAddress'],
  ])('of an account that is %s %j goes to %s', (type, more, state, work) => {
    const moved = after(begun(discovery), outcome(type, { entryId: 'entry-9', ...more }))
    expect(moved).toMatchObject({ state, invokes: [work], entryId: 'entry-9' })
  })
})

describe('what is linked already', () => {
  const linked = (type: string, more: object = {}) =>
    after(begun(discovery), outcome(type, { entryId: 'entry-9', ...more })).snapshot
  const end = (reason: string) => ({ state: 'abort', output: { type: 'abort', reason, entryId: 'entry-9' } })

  it('ends after any result of noticing it', () => {
    expect(after(linked('known'), { output: undefined })).toMatchObject(end('already_configured'))
    expect(after(linked('known'), boom)).toMatchObject(end('already_configured'))
  })
  it('ends after any result of withdrawing its proposal', () => {
    expect(after(linked('returned'), { output: undefined })).toMatchObject(end('already_configured'))
    expect(after(linked('returned'), boom)).toMatchObject(end('already_configured'))
  })
  it.each([false, true])('ends with its new address kept; followed: %s', (followed) => {
    const at = linked('moved', { followed })
    expect(after(at, { output: undefined })).toMatchObject(end('already_configured'))
    expect(after(at, boom)).toMatchObject(end('unknown'))
  })
})

describe('discovery_confirm', () => {
  const asked = after(begun(discovery), outcome('free')).snapshot
  const checked = (input: object = discovery) => after(begun(input), outcome('free'), submit).snapshot

  it('saves the discovered account after verification', () => {
    const moved = after(checked(), connected('me'))
    expect(moved).toMatchObject({ state: 'creatingEntry', does: [] })
    const { input } = moved.snapshot.children.createEntry?.getSnapshot() ?? {}
    expect(input).toMatchObject({ uniqueId: 'me', replacesIgnored: false })
  })
  it('links an account without an id, and any account if the announcement has none', () => {
    expect(after(checked(), connected(null))).toMatchObject({ state: 'creatingEntry' })
    const anonymous = { ...discovery, found: { ...found, uniqueId: 'address:host', anonymous: true } }
    expect(after(checked(anonymous), connected('me'))).toMatchObject({ state: 'creatingEntry' })
  })
  const other = outcome('connected', { uniqueId: 'another', connection, title: 'Another' })
  it.each(['abort', 'retry'])('asks whether to link another account, with the policy %s', (policy) => {
    const asks = after(checked({ ...discovery, onAccountMismatch: policy }), other)
    expect(asks).toMatchObject({ state: 'asking.account_confirm', errors: {}, does: [] })
    expect(asks.snapshot.context).toMatchObject({ connection, uniqueId: 'another', account: 'Another' })
    const saving = after(asks.snapshot, { type: 'confirm' })
    expect(saving).toMatchObject({ state: 'creatingEntry', does: [] })
    const { input } = saving.snapshot.children.createEntry?.getSnapshot() ?? {}
    expect(input).toMatchObject({ uniqueId: 'another', replacesIgnored: true })
  })
  it('shows the unique id of another account without a title', () => {
    const { context } = after(checked(), connected('another')).snapshot
    expect(context).toMatchObject({ account: 'another' })
  })
  it('asks for the announced account again after the connection to another one has expired', () => {
    const expired = after(checked(), other, { type: 'expireDraft' })
    expect(expired).toMatchObject({
      state: 'asking.discovery_confirm',
      errors: { base: { code: 'expired' } },
      does: [...disposed, ['revokeGrant', { draft, uniqueId: 'another' }]],
    })
    const saving = after(expired.snapshot, submit, connected('me'))
    const { input } = saving.snapshot.children.createEntry?.getSnapshot() ?? {}
    expect(input).toMatchObject({ uniqueId: 'me', replacesIgnored: false })
  })
  it.each([{ needsReauth: true }, { needsReauth: false }])('never repairs another account: %j', (need) => {
    const linked = { uniqueId: 'another', credentialRevision: 1, title: 'Another', values: {} }
    const entryOf = { ...linked, ...need, entryId: 'entry-2', disabled: false, ignored: false }
    const saving = after(checked(), other, { type: 'confirm' })
    expect(after(saving.snapshot, outcome('taken', { entryId: 'entry-2', linked: entryOf }))).toMatchObject({
      state: 'abort',
      reason: 'already_configured',
      entryId: 'entry-2',
      does: disposed,
    })
  })
  it('shows what failed on the same form', () => {
    const moved = after(checked(), outcome('failed', { error: 'cannot_connect' }))
    expect(moved).toMatchObject({
      state: 'asking.discovery_confirm',
      errors: { base: { code: 'cannot_connect' } },
    })
  })
  it('ends where another entry matches', () => {
    expect(after(checked(), outcome('matched', { entryId: 'entry-2' }))).toMatchObject({
      state: 'abort',
      reason: 'already_configured',
    })
  })
  it('ends where another flow has linked the account', () => {
    expect(after(asked, { type: 'accountConfigured', entryId: 'entry-2' })).toMatchObject({
      reason: 'already_configured',
      entryId: 'entry-2',
    })
  })

  it.each([
    [['form'], 'asking.discovery_confirm'],
    [['authorize'], 'asking.authorize'],
    [['device'], 'asking.device'],
  ])('returns from the method %j to the menu, and still shows the discovered account', (pages, state) => {
    const methods = { one: pages, other: ['form'] }
    const picked = after(begun({ ...discovery, methods }), outcome('free'), { type: 'pick', method: 'one' })
    expect(picked).toMatchObject({ state, values: { host: 'hub' } })
    expect(after(picked.snapshot, { type: 'back' })).toMatchObject({
      state: 'asking.pick_method',
      values: { host: 'hub' },
    })
  })

  const ignoring = after(asked, { type: 'ignore' })
  it('saves that a user ignores it', () => {
    expect(ignoring).toMatchObject({ state: 'ignoringAccount', invokes: ['ignoreAccount'] })
    expect(ignoring.snapshot.children.ignoreAccount?.getSnapshot().input).toEqual({
      flowId: 'flow-1',
      found: discovery.found,
      end: { type: 'abort', reason: 'ignored', success: true },
    })
    const moved = after(ignoring.snapshot, outcome('created', { entryId: 'entry-9' }))
    expect(moved.output).toEqual({ type: 'abort', reason: 'ignored', entryId: 'entry-9', success: true })
  })
  it.each([
    [outcome('taken', { entryId: 'entry-2', linked: null }), 'already_configured'],
    [outcome('ended'), 'cancelled'],
  ])('ends where that is %j', (result, reason) => {
    expect(after(ignoring.snapshot, result)).toMatchObject({ state: 'abort', reason })
  })
  it('asks again where that cannot be saved', () => {
    const moved = after(ignoring.snapshot, boom)
    expect(moved).toMatchObject({ state: 'asking.discovery_confirm', errors: { base: { code: 'unknown' } } })
  })
})

describe('an import', () => {
  const trying = begun({ source: 'import', draft })

  it('saves the verified credential of any account', () => {
    const moved = after(trying, connected('anybody'))
    expect(moved.state).toBe('creatingEntry')
    const { input } = moved.snapshot.children.createEntry?.getSnapshot() ?? {}
    expect(input).toMatchObject({ draft, replacesIgnored: false })
  })
  it.each([[outcome('matched', { entryId: 'entry-2' }), 'already_configured']])(
    'names the entry that has its values: %j',
    (result, reason) => {
      expect(after(trying, result)).toMatchObject({ reason, entryId: 'entry-2' })
    },
  )
  it.each([
    [outcome('failed', { error: 'invalid_auth' }), 'invalid_auth'],
    [outcome('failed', { error: 'rate_limited', until: 9 }), 'rate_limited'],
    [outcome('challenged', { challenge: 'otp', draft }), 'challenge_required'],
    [boom, 'unknown'],
    [{ type: 'cancel' }, 'cancelled'],
  ])('ends with its reason, without a form: %j', (result, reason) => {
    const moved = after(trying, result)
    expect(moved).toMatchObject({ state: 'abort', output: { type: 'abort', reason, entryId: null } })
    expect(moved.snapshot.context).toMatchObject({ draft: null, connection: null, challenge: null })
  })
  it.each([
    [outcome('only', { entryId: 'entry-2' }), 'single_instance_allowed'],
    [outcome('taken', { entryId: 'entry-2', linked: null }), 'already_configured'],
    [boom, 'unknown'],
  ])('closes its verified connection if it cannot be saved: %j', (result, reason) => {
    expect(after(trying, connected('me'), result)).toMatchObject({ reason, does: disposed })
  })
})

describe('a reconfiguration', () => {
  it('settles the proposed address; a reauthentication does not', () => {
    for (const source of ['reauth', 'reconfigure']) {
      const entry = { uniqueId: 'me', credentialRevision: 1, title: 'Mine', values: {} }
      const saving = after(
        begun({ source, entryId: 'entry-1' }),
        outcome('found', { entry }),
        submit,
        connected('me'),
      )
      const { input } = saving.snapshot.children.updateEntry?.getSnapshot() ?? {}
      expect(input.settlesProposal).toBe(source === 'reconfigure')
      expect(after(saving.snapshot, outcome('taken', { entryId: 'entry-2', linked: null }))).toMatchObject({
        reason: 'already_configured',
        does: disposed,
      })
    }
  })
})
