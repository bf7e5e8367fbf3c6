import type { JsonObject, View } from '../../src/index.ts'
import type { Broker } from './broker.ts'
import type { Home } from './script-home.ts'
import type { Teller } from './script-teller.ts'

const BAD = 'not-the-password'

/** What a form must show: its fields with what is prefilled, and its error. */
interface ExpectedForm {
  readonly step: string
  readonly error?: 'cannot_connect' | 'invalid_auth'
}

/** One account's story in a home, scene by scene. Every scene ends with the broker's own count of its logins. */
export class Story {
  entryId = ''
  /** The flow that is open, as it was last seen. */
  view: View | null = null
  readonly #teller: Teller
  readonly #broker: Broker
  #counted = { accepted: 0, refused: 0 }

  constructor(teller: Teller, broker: Broker) {
    this.#teller = teller
    this.#broker = broker
  }

  async setUp(home: Home, username: string, deadAddress: string): Promise<void> {
    const { calls } = home
    const values = { address: this.#broker.address, username, password: this.#passwordOf(username) }
    this.shows(await calls.add(), { step: 'user [address, username, password]' })
    this.#teller.deed('submit an address where nobody listens')
    await this.submit(calls, { ...values, address: deadAddress })
    const step = `user [address=…, username=${username}, password]`
    this.shows(this.view, { step, error: 'cannot_connect' })
    this.#teller.deed('submit a bad password')
    await this.submit(calls, { ...values, password: BAD })
    this.shows(this.view, { step, error: 'invalid_auth' })
    this.#teller.deed('submit the right values')
    await this.submit(calls, values)
    this.ends('create_entry')
    this.entryId = this.view?.entryId ?? ''
    await this.states(home, 'loaded')
    await this.lives(home)
    await this.logins({ accepted: 1, refused: 1 }, 1)
  }

  /** Nobody is needed, and a value can be read. */
  async lives({ calls }: Home): Promise<void> {
    this.#teller.check('attention', await this.#attention(calls), 'nobody is needed')
    this.#teller.check('value', `${await calls.temperature(this.entryId)} °C`, '21.5 °C')
  }

  changePassword(username: string, password: string): void {
    this.#teller.deed(`the password of ${username} is changed, and the broker drops the session`)
    this.#broker.changePassword(username, password)
  }

  /** The states that the entry comes to, each of them, in this order. */
  async states(home: Home, ...expected: readonly string[]): Promise<void> {
    const seen: string[] = []
    for (const [index, state] of expected.entries()) {
      const look = () => {
        seen.push(...home.states())
        return seen[index] ?? 'no other yet'
      }
      await this.#teller.eventually('state', look, state)
    }
  }

  /** The entry needs a person, and a flow that asks has opened by itself. */
  async asksForReauth({ calls }: Home, error?: ExpectedForm['error']): Promise<void> {
    await this.#teller.eventually('attention', () => this.#attention(calls), 'alice: invalid_auth, flow open')
    const [item] = await calls.attention()
    const step = 'reauth_confirm [username=alice, password]'
    this.shows(await calls.flow(item?.flowId ?? ''), { step, ...(error && { error }) })
  }

  async wrongAccount({ calls }: Home): Promise<void> {
    const before = await calls.row(this.entryId)
    this.#teller.deed('submit the user name and password of another account')
    await this.submit(calls, { username: 'bob', password: this.#passwordOf('bob') })
    this.ends('wrong_account')
    const after = await calls.row(this.entryId)
    this.#teller.check('stored entry', before === after ? 'unchanged' : 'changed', 'unchanged')
    this.#teller.check('state', (await calls.entry(this.entryId)).state, 'reauth_required')
    this.#teller.check('attention', await this.#attention(calls), 'alice: invalid_auth, no flow')
    await this.logins({ accepted: 1, refused: 0 }, 0)
  }

  async reauthAgain({ calls }: Home): Promise<void> {
    this.#teller.deed('start the reauthentication again')
    this.shows(await calls.reauth(this.entryId), { step: 'reauth_confirm [username=alice, password]' })
  }

  async badPassword({ calls }: Home): Promise<void> {
    this.#teller.deed('submit a bad password')
    await this.submit(calls, { username: 'alice', password: BAD })
    this.shows(this.view, { step: 'reauth_confirm [username=alice, password]', error: 'invalid_auth' })
    await this.logins({ accepted: 0, refused: 1 }, 0)
  }

  async brokerDown({ calls }: Home): Promise<void> {
    this.#teller.deed('the broker is stopped; submit the right password')
    await this.#broker.stop()
    await this.submit(calls, this.rightLogin())
    this.shows(this.view, { step: 'reauth_confirm [username=alice, password]', error: 'cannot_connect' })
    await this.#broker.restart()
    this.#teller.deed('the broker is started again')
    await this.logins({ accepted: 0, refused: 0 }, 0)
  }

  async rightPassword(home: Home): Promise<void> {
    this.#teller.deed('submit the right password')
    await this.submit(home.calls, this.rightLogin())
    this.ends('reauth_successful')
    await this.states(home, 'loaded')
    await this.lives(home)
    await this.logins({ accepted: 1, refused: 0 }, 1)
  }

  rightLogin(): JsonObject {
    return { username: 'alice', password: this.#passwordOf('alice') }
  }

  async submit(calls: Home['calls'], values: JsonObject): Promise<void> {
    if (this.view === null) throw new Error('No flow is open.')
    this.view = await calls.submit(this.view, values)
  }

  shows(view: View | null, { step, error }: ExpectedForm): void {
    this.view = view
    this.#teller.check('step', stepOf(view), step)
    const shown =
      view?.type === 'form' ? Object.entries(view.errors).map(([at, { code }]) => `${at}: ${code}`) : []
    if (error !== undefined) this.#teller.check('error', shown.join(', '), `base: ${error}`)
    else if (shown.length > 0) this.#teller.check('error', shown.join(', '), 'none')
  }

  ends(outcome: string): void {
    const { view } = this
    this.#teller.check('outcome', view?.type === 'abort' ? view.reason : (view?.type ?? 'none'), outcome)
  }

  /** The broker's own count of logins since the scene before, and of connections that are open now. */
  async logins(expected: { accepted: number; refused: number }, open: number): Promise<void> {
    const { accepted, refused } = this.#broker
    const told = (of: { accepted: number; refused: number }) =>
      `${of.accepted} accepted, ${of.refused} refused`
    const since = { accepted: accepted - this.#counted.accepted, refused: refused - this.#counted.refused }
    this.#counted = { accepted, refused }
    this.#teller.check('logins', told(since), told(expected))
    await this.#teller.eventually('connections', () => `${this.#broker.open} open`, `${open} open`)
  }

  async #attention(calls: Home['calls']): Promise<string> {
    const items = await calls.attention()
    const told = items.map(
      ({ title, reason, flowId }) => `${title}: ${reason}, ${flowId === null ? 'no flow' : 'flow open'}`,
    )
    return told.join('; ') || 'nobody is needed'
  }

  #passwordOf(username: string): string {
    return this.#broker.accounts.find((account) => account.username === username)?.password ?? ''
  }
}

/** A form's step and fields, with what is prefilled; an address is not told, its port varies. */
function stepOf(view: View | null): string {
  if (view?.type !== 'form') return view?.type ?? 'none'
  const fields = view.order.map((field) => {
    const value = view.values[field]
    if (value === undefined) return field
    return `${field}=${field === 'address' ? '…' : String(value)}`
  })
  return `${view.step} [${fields.join(', ')}]`
}
