import { describe, expect, it } from '@jest/globals'
import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, initialTransition } from 'xstate'
import { Connection, configFlowMachine, Draft } from '../../machines/index.ts'
import { cameOf, move, stateOf, table } from './moves.ts'

const machine: AnyStateMachine = configFlowMachine
const draft = new Draft({ values: {} })
const entry = { uniqueId: 'me', credentialRevision: 1, title: 'Mine', values: {} }
const found = { uniqueId: 'me', title: 'Mine', key: null }

const methods: Readonly<Record<string, object>> = {
  form: { '': ['form'] },
  pages: { '': ['form', 'form'] },
  found: { '': ['form', 'found_form'] },
  foundFirst: { '': ['found_form'] },
  authorize: { '': ['authorize'] },
  device: { '': ['device'] },
  before: { '': ['form', 'authorize'] },
  after: { '': ['authorize', 'found_form'] },
  settled: { '': ['form', 'device', 'found_form'] },
  several: { other: ['form'], picked: ['form'] },
}

/** The methods whose flows about an entry show a form before the sign-in, too. */
const aroundSignIn: readonly string[] = ['before', 'settled']
const pagesOfEntry = (source: string, method: string) => ({
  [`${source} `]: Object.values(methods[method] ?? {})[0],
})

type Result = { readonly output: unknown } | { readonly error: Error }

/** A failure that a check can have. */
const failed: Result = { output: { type: 'failed', error: 'timeout', unlisted: [] } }
const throws: Result = { error: new Error('unexpected') }
const challenged: Result = { output: { type: 'challenged', challenge: 'otp', draft } }
const connected = (uniqueId: string): Result => ({
  output: { type: 'connected', uniqueId, connection: new Connection(null), title: 'Mine' },
})

const replies: Readonly<Record<string, Result>> = {
  findingEntry: { output: { type: 'found', entry } },
  findingAccount: { output: { type: 'free' } },
  findingChoices: { output: { type: 'found', choices: {} } },
  updatingEntry: { output: { type: 'updated' } },
}

const answers: Readonly<Record<string, AnyEventObject>> = {
  pick_method: { type: 'pick', method: 'picked' },
  authorize: { type: 'authorized', draft },
  device: { type: 'authorized', draft },
  replace_confirm: { type: 'replace' },
}
const submit = { type: 'submit', draft, values: {} }

/** The results of work by method. A service that offers one choice settles it. */
const repliesOf = (method: string): Readonly<Record<string, Result>> =>
  method === 'settled' ? { ...replies, findingChoices: { output: { type: 'settled', draft } } } : replies

/** Plays one flow. With `restored`, it continues from its record after each step, as another process would. */
class Played {
  snapshot: AnyMachineSnapshot
  readonly #restored: boolean
  readonly #replies: Readonly<Record<string, Result>>

  constructor(source: string, method: string, options: { restored: boolean; adopts?: boolean }) {
    this.#restored = options.restored
    this.#replies = repliesOf(method)
    const isNew = ['user', 'discovery', 'import'].includes(source)
    const { adopts = true } = options
    this.snapshot = initialTransition(machine, {
      flowId: 'f',
      source,
      entryId: isNew ? null : 'e',
      onAccountMismatch: 'retry',
      adopts,
      methods: methods[method],
      ...(!isNew && aroundSignIn.includes(method) && { entryPages: pagesOfEntry(source, method) }),
      ...(method === 'several' && !isNew && { method: 'picked' }),
      ...(source === 'discovery' && { found }),
      ...(source === 'import' && { draft }),
    })[0]
  }

  send(event: AnyEventObject): this {
    const moved = move(machine, this.snapshot, event)
    if (moved === null) throw new Error(`${stateOf(this.snapshot)} refuses ${event.type}`)
    const { value, context } = moved.snapshot
    const isWaiting = moved.snapshot.hasTag('asking')
    this.snapshot = this.#restored && isWaiting ? machine.resolveState({ value, context }) : moved.snapshot
    return this
  }

  come(result: Result): this {
    return this.send(cameOf(this.snapshot, result))
  }

  /** Answers forms, and finishes work, until the flow is in a state. */
  until(...states: readonly string[]): this {
    for (let steps = 0; steps < 9; steps++) {
      const state = stateOf(this.snapshot).replace('asking.', '')
      if (states.includes(state)) return this
      const reply = this.#replies[state]
      if (reply === undefined) this.send(answers[state] ?? submit)
      else this.come(reply)
    }
    throw new Error(`The flow does not reach ${states}.`)
  }

  /** Connects with the account of the entry, and confirms that it replaces another one. */
  save(): this {
    const { entry: stored, source } = this.snapshot.context
    return this.come(connected(source === 'replace' ? 'other' : (stored?.uniqueId ?? 'me'))).until(
      'creatingEntry',
      'updatingEntry',
    )
  }

  /** The form that is shown, or the reason of the end; with the number of the page, the error and the challenge. */
  get shown(): string {
    const { page, errors, challenge, reason, draft: typed, connection } = this.snapshot.context
    const step = stateOf(this.snapshot).replace('asking.', '')
    if (reason !== null) return `${step}:${reason}`
    expect(connection).toBeNull()
    expect(challenge !== null).toBe(step === 'challenge')
    expect(typed !== null).toBe(challenge !== null || page > 0)
    return `${step}${page === 0 ? '' : page + 1}:${errors.base.code}`
  }
}

const failures: Readonly<Record<string, (flow: Played) => Played>> = {
  failed: (flow) => flow.come(failed),
  throws: (flow) => flow.come(throws),
  challengeFailed: (flow) => flow.come(challenged).send(submit).come(failed),
  challengeThrows: (flow) => flow.come(challenged).send(submit).come(throws),
  challengedAgain: (flow) => flow.come(challenged).send(submit).come(challenged).send(submit).come(failed),
  otherAccount: (flow) => flow.come(connected('other')),
  otherAccountAfterChallenge: (flow) => flow.come(challenged).send(submit).come(connected('other')),
  saveThrows: (flow) => flow.save().come(throws),
  saveThrowsAfterChallenge: (flow) => flow.come(challenged).send(submit).save().come(throws),
  expired: (flow) => flow.come(challenged).send({ type: 'expireDraft' }),
}

/** The form after a failure. A number is the page of the form, from the second one on. `-`: the source cannot fail so. */
const expected = `
source.method          failed                     throws                     challengeFailed    challengeThrows    challengedAgain    otherAccount                     otherAccountAfterChallenge       saveThrows                 saveThrowsAfterChallenge   expired
user.form              user:timeout               user:unknown               challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                user:unknown               user:unknown               user:expired
user.pages             user2:timeout              user2:unknown              challenge2:timeout challenge2:unknown challenge2:timeout -                                -                                user2:unknown              user2:unknown              user:expired
user.found             user2:timeout              user2:unknown              challenge2:timeout challenge2:unknown challenge2:timeout -                                -                                user2:unknown              user2:unknown              user:expired
user.foundFirst        user:timeout               user:unknown               challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                user:unknown               user:unknown               user:expired
user.authorize         authorize:timeout          authorize:unknown          challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                authorize:unknown          authorize:unknown          authorize:expired
user.device            device:timeout             device:unknown             challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                device:unknown             device:unknown             device:expired
user.several           user:timeout               user:unknown               challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                user:unknown               user:unknown               user:expired
user.before            authorize2:timeout         authorize2:unknown         challenge2:timeout challenge2:unknown challenge2:timeout -                                -                                authorize2:unknown         authorize2:unknown         user:expired
user.after             user2:timeout              user2:unknown              challenge2:timeout challenge2:unknown challenge2:timeout -                                -                                user2:unknown              user2:unknown              authorize:expired
user.settled           device2:timeout            device2:unknown            challenge2:timeout challenge2:unknown challenge2:timeout -                                -                                device2:unknown            device2:unknown            user:expired
discovery.form         discovery_confirm:timeout  discovery_confirm:unknown  challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                discovery_confirm:unknown  discovery_confirm:unknown  discovery_confirm:expired
discovery.pages        user2:timeout              user2:unknown              challenge2:timeout challenge2:unknown challenge2:timeout -                                -                                user2:unknown              user2:unknown              discovery_confirm:expired
discovery.authorize    authorize:timeout          authorize:unknown          challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                authorize:unknown          authorize:unknown          authorize:expired
discovery.device       device:timeout             device:unknown             challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                device:unknown             device:unknown             device:expired
discovery.several      discovery_confirm:timeout  discovery_confirm:unknown  challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                discovery_confirm:unknown  discovery_confirm:unknown  discovery_confirm:expired
discovery.before       authorize2:timeout         authorize2:unknown         challenge2:timeout challenge2:unknown challenge2:timeout -                                -                                authorize2:unknown         authorize2:unknown         discovery_confirm:expired
discovery.settled      device2:timeout            device2:unknown            challenge2:timeout challenge2:unknown challenge2:timeout -                                -                                device2:unknown            device2:unknown            discovery_confirm:expired
import.form            abort:timeout              abort:unknown              -                  -                  -                  -                                -                                abort:unknown              -                          -
reauth.form            reauth_confirm:timeout     reauth_confirm:unknown     challenge:timeout  challenge:unknown  challenge:timeout  reauth_confirm:wrong_account     reauth_confirm:wrong_account     reauth_confirm:unknown     reauth_confirm:unknown     reauth_confirm:expired
reauth.authorize       authorize:timeout          authorize:unknown          challenge:timeout  challenge:unknown  challenge:timeout  authorize:wrong_account          authorize:wrong_account          authorize:unknown          authorize:unknown          authorize:expired
reauth.device          device:timeout             device:unknown             challenge:timeout  challenge:unknown  challenge:timeout  device:wrong_account             device:wrong_account             device:unknown             device:unknown             device:expired
reauth.several         reauth_confirm:timeout     reauth_confirm:unknown     challenge:timeout  challenge:unknown  challenge:timeout  reauth_confirm:wrong_account     reauth_confirm:wrong_account     reauth_confirm:unknown     reauth_confirm:unknown     reauth_confirm:expired
reauth.before          authorize2:timeout         authorize2:unknown         challenge2:timeout challenge2:unknown challenge2:timeout authorize2:wrong_account         authorize2:wrong_account         authorize2:unknown         authorize2:unknown         reauth_confirm:expired
reauth.after           reauth_confirm2:timeout    reauth_confirm2:unknown    challenge2:timeout challenge2:unknown challenge2:timeout authorize:wrong_account          authorize:wrong_account          reauth_confirm2:unknown    reauth_confirm2:unknown    authorize:expired
reauth.settled         device2:timeout            device2:unknown            challenge2:timeout challenge2:unknown challenge2:timeout device2:wrong_account            device2:wrong_account            device2:unknown            device2:unknown            reauth_confirm:expired
reconfigure.form       reconfigure:timeout        reconfigure:unknown        challenge:timeout  challenge:unknown  challenge:timeout  reconfigure:wrong_account        reconfigure:wrong_account        reconfigure:unknown        reconfigure:unknown        reconfigure:expired
reconfigure.authorize  authorize:timeout          authorize:unknown          challenge:timeout  challenge:unknown  challenge:timeout  authorize:wrong_account          authorize:wrong_account          authorize:unknown          authorize:unknown          authorize:expired
reconfigure.device     device:timeout             device:unknown             challenge:timeout  challenge:unknown  challenge:timeout  device:wrong_account             device:wrong_account             device:unknown             device:unknown             device:expired
reconfigure.several    reconfigure:timeout        reconfigure:unknown        challenge:timeout  challenge:unknown  challenge:timeout  reconfigure:wrong_account        reconfigure:wrong_account        reconfigure:unknown        reconfigure:unknown        reconfigure:expired
reconfigure.before     authorize2:timeout         authorize2:unknown         challenge2:timeout challenge2:unknown challenge2:timeout authorize2:wrong_account         authorize2:wrong_account         authorize2:unknown         authorize2:unknown         reconfigure:expired
reconfigure.after      reconfigure2:timeout       reconfigure2:unknown       challenge2:timeout challenge2:unknown challenge2:timeout authorize:wrong_account          authorize:wrong_account          reconfigure2:unknown       reconfigure2:unknown       authorize:expired
reconfigure.settled    device2:timeout            device2:unknown            challenge2:timeout challenge2:unknown challenge2:timeout device2:wrong_account            device2:wrong_account            device2:unknown            device2:unknown            reconfigure:expired
replace.form           replace:timeout            replace:unknown            challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                replace:unknown            replace:unknown            replace:expired
replace.authorize      authorize:timeout          authorize:unknown          challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                authorize:unknown          authorize:unknown          authorize:expired
replace.device         device:timeout             device:unknown             challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                device:unknown             device:unknown             device:expired
replace.several        replace:timeout            replace:unknown            challenge:timeout  challenge:unknown  challenge:timeout  -                                -                                replace:unknown            replace:unknown            replace:expired
replace.before         authorize2:timeout         authorize2:unknown         challenge2:timeout challenge2:unknown challenge2:timeout -                                -                                authorize2:unknown         authorize2:unknown         replace:expired
replace.after          replace2:timeout           replace2:unknown           challenge2:timeout challenge2:unknown challenge2:timeout -                                -                                replace2:unknown           replace2:unknown           authorize:expired
replace.settled        device2:timeout            device2:unknown            challenge2:timeout challenge2:unknown challenge2:timeout -                                -                                device2:unknown            device2:unknown            replace:expired
`
const rows = table(expected)
  .filter(({ target }) => target !== '-')
  .map(({ state, event: failure, target }) => {
    const [source = '', method = ''] = state.split('.')
    return { source, method, failure, target }
  })

describe.each([{ restored: false }, { restored: true }])(
  'a flow, restored from its record: $restored',
  (how) => {
    it.each(rows)('$source by $method, $failure: $target', ({ source, method, failure, target }) => {
      const flow = new Played(source, method, how).until('checkingConnection')
      expect(failures[failure]?.(flow).shown).toBe(target)
    })

    it.each([
      ['user', 'found', 'user'],
      ['discovery', 'found', 'discovery_confirm'],
      ['user', 'foundFirst', 'user'],
      ['discovery', 'foundFirst', 'discovery_confirm'],
    ])('%s by %s returns to %s if the choices cannot be found', (source, method, step) => {
      const flow = () => new Played(source, method, how).until('findingChoices')
      expect(flow().come(failed).shown).toBe(`${step}:timeout`)
      expect(flow().come(throws).shown).toBe(`${step}:unknown`)
    })

    it.each([
      ['form', 'discovery_confirm', 'discovery_confirm:unknown'],
      ['pages', 'user', 'user2:unknown'],
      ['several', 'pick_method', 'pick_method:unknown'],
      ['several', 'discovery_confirm', 'discovery_confirm:unknown'],
      ['authorize', 'authorize', 'authorize:unknown'],
      ['device', 'device', 'device:unknown'],
    ])('a discovery by %s returns to %s if it cannot be ignored', (method, step, shown) => {
      const flow = new Played('discovery', method, how).until(step)
      expect(flow.send({ type: 'ignore' }).come(throws).shown).toBe(shown)
    })

    it('a discovery returns to its challenge if it cannot be ignored', () => {
      const flow = new Played('discovery', 'form', how).until('checkingConnection').come(challenged)
      expect(flow.send({ type: 'ignore' }).come(throws).shown).toBe('challenge:unknown')
    })

    it.each([
      ['form', 'reconfigure'],
      ['authorize', 'authorize'],
      ['device', 'device'],
      ['several', 'reconfigure'],
    ])('a reconfiguration by %s that was rolled back returns to %s', (method, step) => {
      const flow = () => {
        const checked = new Played('reconfigure', method, { ...how, adopts: false }).until(
          'checkingConnection',
        )
        return checked.save().until('tryingEntry')
      }
      const restored = { output: { type: 'restored', credentialRevision: 2 } }
      expect(flow().come(failed).come(restored).shown).toBe(`${step}:timeout`)
      expect(flow().come(throws).come(restored).shown).toBe(`${step}:unknown`)
    })

    it.each([
      ['form', 'replace'],
      ['authorize', 'authorize'],
      ['device', 'device'],
      ['several', 'replace'],
    ])('a replacement by %s whose verified connection has expired returns to %s', (method, step) => {
      const flow = new Played('replace', method, how).until('checkingConnection').come(connected('other'))
      expect(flow.send({ type: 'expireDraft' }).shown).toBe(`${step}:expired`)
    })

    it.each([
      ['form', 'discovery_confirm'],
      ['pages', 'discovery_confirm'],
      ['authorize', 'authorize'],
      ['device', 'device'],
      ['several', 'discovery_confirm'],
    ])('a discovery by %s whose connection to another account has expired returns to %s', (method, step) => {
      const asks = () =>
        new Played('discovery', method, how).until('checkingConnection').come(connected('other'))
      expect(asks().send({ type: 'expireDraft' }).shown).toBe(`${step}:expired`)
      expect(asks().send({ type: 'confirm' }).come(throws).shown).toMatch(/:unknown$/)
    })
  },
)

it('an import aborts instead of asking for a challenge', () => {
  const flow = new Played('import', 'form', { restored: false })
  expect(flow.come(challenged).shown).toBe('abort:challenge_required')
})
