import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import {
  createLatchkey,
  type EntryView,
  FlowEndedError,
  type FormView,
  type Latchkey,
  StaleRevisionError,
  type View,
} from '../../src/index.ts'
import { myHub } from '../my-hub/my-hub.ts'
import { firstAccounts, Household } from './household.ts'
import { mqtt } from './mqtt-integration.ts'
import { type Choice, Screen, type Streams } from './screen.ts'

/** Opens the home in the terminal. Returns after the user has quit. */
export async function runTerminal(database: string, streams: Streams): Promise<void> {
  const screen = new Screen(streams)
  screen.intro('Home hub')
  const household = await Household.open(`${database}.broker.json`)
  try {
    const latchkey = await createLatchkey({ integrations: [mqtt, myHub], store: sqliteStore(database) })
    try {
      screen.step(`The broker listens at ${household.broker.address}. Connecting the linked accounts …`)
      await orEnd(latchkey.start(), streams.signal)
      await new Terminal(screen, latchkey, household).run()
    } finally {
      await latchkey.stop()
    }
  } finally {
    await household.broker.stop()
  }
  screen.outro('All entries are saved. Start the hub again to continue.')
}

type Action = () => Promise<void>

class Terminal {
  readonly #screen: Screen
  readonly #latchkey: Latchkey
  readonly #household: Household
  #shown = ''

  constructor(screen: Screen, latchkey: Latchkey, household: Household) {
    this.#screen = screen
    this.#latchkey = latchkey
    this.#household = household
  }

  async run(): Promise<void> {
    if (this.#household.isNew) {
      const names = firstAccounts.map(({ username }) => username).join(' and ')
      this.#screen.note(
        `The broker has the accounts ${names}, with the password “latchkey”.\nIts address is ${this.#household.broker.address}.`,
        'First steps',
      )
    }
    while (!this.#screen.streams.signal.aborted) {
      await this.#tellAttention()
      const action = await this.#screen.choose('What next?', this.#menu())
      if (action === null || action === quit) return
      try {
        await action()
      } catch (error) {
        this.#screen.error(error instanceof Error ? error.message : 'An unexpected error occurred.')
      }
    }
  }

  #menu(): Choice<Action>[] {
    const { broker } = this.#household
    return [
      { value: () => this.#start({ domain: 'mqtt', source: 'user' }), label: 'Add an MQTT account' },
      { value: () => this.#list(), label: 'List the entries' },
      { value: this.#withEntry((entry) => this.#read(entry)), label: 'Read the temperature' },
      { value: () => this.#changePassword(), label: 'Change a password at the broker' },
      broker.running
        ? { value: () => this.#stopBroker(), label: 'Stop the broker' }
        : { value: () => this.#startBroker(), label: 'Start the broker' },
      { value: () => this.#attention(), label: 'Show the attention list' },
      { value: this.#withEntry((entry) => this.#edit(entry, 'reauth')), label: 'Reauthenticate' },
      { value: this.#withEntry((entry) => this.#edit(entry, 'reconfigure')), label: 'Reconfigure' },
      { value: this.#withEntry((entry) => this.#reload(entry)), label: 'Reload' },
      { value: this.#withEntry((entry) => this.#rename(entry)), label: 'Rename' },
      { value: this.#withEntry((entry) => this.#remove(entry)), label: 'Remove' },
      { value: this.#withEntry((entry) => this.#history(entry)), label: 'History' },
      { value: quit, label: 'Quit' },
    ]
  }

  // ── Flows ───────────────────────────────────────────────────────────────────────────────────────────────────

  async #start(request: Parameters<Latchkey['flows']['start']>[0]): Promise<void> {
    let view = await this.#latchkey.flows.start(request)
    while (view.type === 'form') {
      const next = await this.#fillIn(view)
      if (next === null) return
      view = next
    }
    if (view.type === 'create_entry')
      this.#screen.success('The account was linked, and its credential was saved.')
    else if (view.type !== 'abort')
      this.#screen.info('The flow is still working in another process. Try again in a moment.')
    else if (view.success)
      this.#screen.success(`${view.text} The entry is ${view.entryState ?? 'not loaded'}.`)
    else this.#screen.warn(view.text)
  }

  /** Prompts for input and submits it. Returns `null` if the user cancels. */
  async #fillIn(view: FormView): Promise<View | null> {
    const { flows } = this.#latchkey
    const values = await this.#screen.form(view)
    if (values === null) {
      // A dismissed reauthentication stays open, because the entry still needs attention.
      if (view.source !== 'reauth') await flows.cancel(view.flowId)
      this.#screen.info('Cancelled. Nothing was changed.')
      return null
    }
    this.#screen.step('Connecting …')
    // Ctrl-C cancels the attempt.
    const callBack = () => void flows.cancel(view.flowId).catch(() => {})
    this.#screen.streams.signal.addEventListener('abort', callBack, { once: true })
    try {
      return await flows.submit(view.flowId, values, { revision: view.revision })
    } catch (error) {
      if (error instanceof StaleRevisionError || error instanceof FlowEndedError)
        return flows.get(view.flowId)
      throw error
    } finally {
      this.#screen.streams.signal.removeEventListener('abort', callBack)
    }
  }

  async #edit({ entryId }: EntryView, source: 'reauth' | 'reconfigure'): Promise<void> {
    await this.#start({ source, entryId })
  }

  // ── Entries ─────────────────────────────────────────────────────────────────────────────────────────────────

  #withEntry(action: (entry: EntryView) => Promise<void>): Action {
    return async () => {
      const { items } = await this.#latchkey.entries.list()
      if (items.length === 0) return this.#screen.info('No entries. Add an MQTT account first.')
      const choices = items.map((entry) => ({ value: entry, label: entry.title, hint: stateOf(entry) }))
      const entry = await this.#screen.choose('Which entry?', choices)
      if (entry !== null) await action(entry)
    }
  }

  async #list(): Promise<void> {
    const { items, unreadable } = await this.#latchkey.entries.list()
    const lines = items.map((entry) => `${entry.title}: ${stateOf(entry)}`)
    if (unreadable.length > 0) lines.push(`${unreadable.length} more cannot be read.`)
    this.#screen.note(lines.join('\n') || 'No entries.', 'Entries')
  }

  async #read({ entryId, title }: EntryView): Promise<void> {
    const { streams } = this.#screen
    const options = { timeout: 10_000, signal: streams.signal }
    const value = await this.#latchkey.entries.use(mqtt, entryId, (account) => account.temperature(), options)
    this.#screen.success(`${title}: ${value} °C`)
  }

  async #reload({ entryId, title }: EntryView): Promise<void> {
    const entry = await orEnd(this.#latchkey.entries.reload(entryId), this.#screen.streams.signal)
    if (entry !== null) this.#screen.info(`${title}: ${stateOf(entry)}`)
  }

  async #rename({ entryId, title }: EntryView): Promise<void> {
    const renamed = await this.#screen.text('New name', { initialValue: title })
    if (renamed === null) return
    await this.#latchkey.entries.update(entryId, { title: renamed })
    this.#screen.success('Renamed.')
  }

  async #remove({ entryId, title }: EntryView): Promise<void> {
    if ((await this.#screen.confirm(`Remove ${title} and its credential?`)) !== true) return
    await this.#latchkey.entries.remove(entryId)
    this.#screen.success('Removed.')
  }

  async #history({ entryId, title }: EntryView): Promise<void> {
    const { items } = await this.#latchkey.history(entryId)
    const lines = items.map(({ at, kind, code, who }) =>
      [new Date(at).toLocaleString(), kind, code ?? '', `by ${who}`].filter((part) => part !== '').join('  '),
    )
    this.#screen.note(lines.join('\n'), `History of ${title}`)
  }

  async #attention(): Promise<void> {
    this.#shown = ''
    await this.#tellAttention()
    if (this.#shown === '') this.#screen.info('No entry needs attention.')
  }

  /** Prints new attention items. */
  async #tellAttention(): Promise<void> {
    const items = await this.#latchkey.attention.list()
    const lines = items.map(({ title, reason, flowId }) => {
      return `${title ?? 'An entry'}: ${reason}${flowId === null ? '' : ', a form is waiting'}`
    })
    const text = lines.join('\n')
    if (text !== '' && text !== this.#shown) this.#screen.note(text, 'Needs your attention')
    this.#shown = text
  }

  // ── The broker ──────────────────────────────────────────────────────────────────────────────────────────────

  async #changePassword(): Promise<void> {
    const { broker } = this.#household
    const choices = broker.accounts.map(({ username }) => ({ value: username, label: username }))
    const username = await this.#screen.choose('Whose?', choices)
    if (username === null) return
    const password = await this.#screen.password('New password')
    if (password === null) return
    broker.changePassword(username, password)
    await this.#household.save()
    this.#screen.success(
      'The password was changed, and the sessions of the account were closed. Its entry notices within seconds.',
    )
  }

  async #stopBroker(): Promise<void> {
    await this.#household.broker.stop()
    this.#screen.success('The broker was stopped.')
  }

  async #startBroker(): Promise<void> {
    await this.#household.broker.restart()
    this.#screen.success(`The broker listens at ${this.#household.broker.address} again.`)
  }
}

const quit: Action = async () => {}

const stateOf = ({ state, reason }: EntryView): string => (reason === null ? state : `${state}, ${reason}`)

/** Waits for work until the user quits; `stop()` then cancels the work. */
function orEnd<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | null> {
  const ended = new Promise<null>((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  return Promise.race([work, ended])
}
