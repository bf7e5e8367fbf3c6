import { setTimeout } from 'node:timers/promises'
import type { JsonObject, View } from '../../src/index.ts'
import type { Broker } from './broker.ts'
import type { Home } from './script-home.ts'
import type { StoryPrinter } from './story-printer.ts'

const BAD = 'not-the-password'

/** The expected form: its fields with prefilled values, and its error. */
interface ExpectedForm {
  readonly step: string
  readonly error?: 'cannot_connect' | 'invalid_auth'
}

/** The story of one account in a home, scene by scene. Each scene ends with the broker's count of sign-ins. */
export class Story {
  entryId = ''
  /** The latest view of the open flow. */
  view: View | null = null
  readonly #printer: StoryPrinter
  readonly #broker: Broker
  #counted = { accepted: 0, refused: 0 }

  constructor(printer: StoryPrinter, broker: Broker) {
    this.#printer = printer
    this.#broker = broker
  }

  async setUp(home: Home, username: string, deadAddress: string): Promise<void> {
    const { calls } = home
    const values = { address: this.#broker.address, username, password: this.#passwordOf(username) }
    this.shows(await calls.add(), { step: 'user [address, username, password]' })
    this.#printer.action('submit an address without a broker')
    await this.submit(calls, { ...values, address: deadAddress })
    const step = `user [address=…, username=${username}, password]`
    this.shows(this.view, { step, error: 'cannot_connect' })
    this.#printer.action('submit a bad password')
    await this.submit(calls, { ...values, password: BAD })
    this.shows(this.view, { step, error: 'invalid_auth' })
    this.#printer.action('submit valid values')
    await this.submit(calls, values)
    this.ends('create_entry')
    this.entryId = this.view?.entryId ?? ''
    await this.states(home, 'loaded')
    await this.lives(home)
    await this.logins({ accepted: 1, refused: 1 }, 1)
  }

  /** Checks that no entry needs attention, and that a value can be read. */
  async lives({ calls }: Home): Promise<void> {
    this.#printer.check('attention', await this.#attention(calls), 'no entry')
    this.#printer.check('value', `${await calls.temperature(this.entryId)} °C`, '21.5 °C')
  }

  changePassword(username: string, password: string): void {
    this.#printer.action(`change the password of ${username}; the broker closes the session`)
    this.#broker.changePassword(username, password)
  }

  /** Checks all states of the entry in order. */
  async states(home: Home, ...expected: readonly string[]): Promise<void> {
    const seen: string[] = []
    for (const [index, state] of expected.entries()) {
      const look = () => {
        seen.push(...home.states())
        return seen[index] ?? 'no further state'
      }
      await this.#printer.eventually('state', look, state)
    }
  }

  /** Checks that the entry needs attention, and that a flow was opened automatically. */
  async asksForReauth({ calls }: Home, error?: ExpectedForm['error']): Promise<void> {
    await this.#printer.eventually(
      'attention',
      () => this.#attention(calls),
      'alice: invalid_auth, flow open',
    )
    const [item] = await calls.attention()
    const step = 'reauth_confirm [username=alice, password]'
    const flowId = item?.flowId ?? ''
    // A killed process still holds the flow for up to 15 seconds.
    while ((await calls.flow(flowId)).type === 'progress') await setTimeout(200)
    this.shows(await calls.flow(flowId), { step, ...(error && { error }) })
  }

  async wrongAccount({ calls }: Home): Promise<void> {
    const before = await calls.row(this.entryId)
    this.#printer.action('submit the user name and password of another account')
    await this.submit(calls, { username: 'bob', password: this.#passwordOf('bob') })
    this.ends('wrong_account')
    const after = await calls.row(this.entryId)
    this.#printer.check('stored entry', before === after ? 'unchanged' : 'changed', 'unchanged')
    this.#printer.check('state', (await calls.entry(this.entryId)).state, 'reauth_required')
    this.#printer.check('attention', await this.#attention(calls), 'alice: invalid_auth, no flow')
    // The connection of bob stays open for a switch, until the next flow of the entry.
    await this.logins({ accepted: 1, refused: 0 }, 1)
  }

  async reauthAgain({ calls }: Home): Promise<void> {
    this.#printer.action('start the reauthentication again')
    this.shows(await calls.reauth(this.entryId), { step: 'reauth_confirm [username=alice, password]' })
    await this.#connections(0)
  }

  async badPassword({ calls }: Home): Promise<void> {
    this.#printer.action('submit a bad password')
    await this.submit(calls, { username: 'alice', password: BAD })
    this.shows(this.view, { step: 'reauth_confirm [username=alice, password]', error: 'invalid_auth' })
    await this.logins({ accepted: 0, refused: 1 }, 0)
  }

  async brokerDown({ calls }: Home): Promise<void> {
    this.#printer.action('stop the broker and submit the right password')
    await this.#broker.stop()
    await this.submit(calls, this.rightLogin())
    this.shows(this.view, { step: 'reauth_confirm [username=alice, password]', error: 'cannot_connect' })
    await this.#broker.restart()
    this.#printer.action('start the broker again')
    await this.logins({ accepted: 0, refused: 0 }, 0)
  }

  async rightPassword(home: Home): Promise<void> {
    this.#printer.action('submit the right password')
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
    this.#printer.check('step', stepOf(view), step)
    const shown =
      view?.type === 'form' ? Object.entries(view.errors).map(([at, { code }]) => `${at}: ${code}`) : []
    if (error !== undefined) this.#printer.check('error', shown.join(', '), `base: ${error}`)
    else if (shown.length > 0) this.#printer.check('error', shown.join(', '), 'none')
  }

  ends(outcome: string): void {
    const { view } = this
    this.#printer.check('outcome', view?.type === 'abort' ? view.reason : (view?.type ?? 'none'), outcome)
  }

  /** Checks the broker's count of sign-ins since the last scene, and its open connections. */
  async logins(expected: { accepted: number; refused: number }, open: number): Promise<void> {
    const { accepted, refused } = this.#broker
    const text = (of: { accepted: number; refused: number }) =>
      `${of.accepted} accepted, ${of.refused} refused`
    const since = { accepted: accepted - this.#counted.accepted, refused: refused - this.#counted.refused }
    this.#counted = { accepted, refused }
    this.#printer.check('sign-ins', text(since), text(expected))
    await this.#connections(open)
  }

  async #connections(open: number): Promise<void> {
    await this.#printer.eventually('connections', () => `${this.#broker.open} open`, `${open} open`)
  }

  async #attention(calls: Home['calls']): Promise<string> {
    const items = await calls.attention()
    const text = items.map(
      ({ title, reason, flowId }) => `${title}: ${reason}, ${flowId === null ? 'no flow' : 'flow open'}`,
    )
    return text.join('; ') || 'no entry'
  }

  #passwordOf(username: string): string {
    return this.#broker.accounts.find((account) => account.username === username)?.password ?? ''
  }
}

/** Returns a form's step and fields, with prefilled values. The address is omitted, because its port varies. */
function stepOf(view: View | null): string {
  if (view?.type !== 'form') return view?.type ?? 'none'
  const fields = view.order.map((field) => {
    const value = view.values[field]
    if (value === undefined) return field
    return `${field}=${field === 'address' ? '…' : String(value)}`
  })
  return `${view.step} [${fields.join(', ')}]`
}
