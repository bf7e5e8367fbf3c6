import type { DeviceView, ExternalView, FormView, MenuView } from '../view.ts'
import type { Terminal } from './command.ts'
import { peer } from './peer.ts'

type Clack = typeof import('@clack/prompts')

/** Erases the line that is written on. */
const ERASE = '\u001b[2K'

/** One line of a menu. */
export interface Choice<Value> {
  readonly value: Value
  readonly label: string
  readonly hint?: string
}

/** A line of text that is asked for. */
export interface Question {
  readonly message: string
  readonly required: boolean
  readonly prefilled?: string
  readonly example?: string
}

/** Questions and messages in a terminal. A question that is cancelled answers null. */
export class Screen {
  readonly #clack: Clack
  readonly #terminal: Terminal
  readonly #streams: Pick<Terminal, 'input' | 'output' | 'signal'>

  private constructor(clack: Clack, terminal: Terminal) {
    const { input, output, signal } = terminal
    this.#clack = clack
    this.#terminal = terminal
    this.#streams = { input, output, signal }
  }

  /** @throws PeerMissingError */
  static async open(terminal: Terminal): Promise<Screen> {
    return new Screen(await peer(() => import('@clack/prompts')), terminal)
  }

  info = (text: string): void => this.#clack.log.info(text, this.#streams)
  error = (text: string): void => this.#clack.log.error(text, this.#streams)

  /** What the questions are about, so that nobody types a secret for another service. */
  heading(view: FormView | MenuView | ExternalView | DeviceView): void {
    const { name = '' } = view.placeholders
    const { step } = view
    const page = 'page' in view ? view.page : undefined
    const detail = page ?? (view.type === 'form' ? view.challenge : undefined)
    const what = detail === undefined ? step : `${step}, ${detail}`
    this.#clack.log.step(name === '' ? what : `${name} (${what})`, this.#streams)
  }

  /** Says that something is done, and shows nothing of what is typed meanwhile. Ctrl-C calls it off. */
  during<Result>(text: string, work: () => Promise<Result>): Promise<Result> {
    this.#clack.log.step(text, this.#streams)
    return this.#unseen(work)
  }

  /** Waits for somebody elsewhere; `status` is asked each second what to say of it, in one line. Ctrl-C calls it off. */
  async waiting<Result>(status: () => string, work: () => Promise<Result>): Promise<Result> {
    const { output } = this.#terminal
    const draw = () => output.write(`\r${ERASE}${status()}`)
    const timer = setInterval(draw, 1_000)
    draw()
    try {
      return await this.#unseen(work)
    } finally {
      clearInterval(timer)
      output.write(`\r${ERASE}`)
    }
  }

  async #unseen<Result>(work: () => Promise<Result>): Promise<Result> {
    const { input, interrupt } = this.#terminal
    const listen = (typed: Buffer | string) => {
      if (String(typed).includes('\u0003')) interrupt()
    }
    const raw = (on: boolean) => {
      if ('setRawMode' in input && typeof input.setRawMode === 'function') input.setRawMode(on)
    }
    raw(true)
    input.on('data', listen).resume()
    try {
      return await work()
    } finally {
      input.off('data', listen).pause()
      raw(false)
    }
  }

  async choose<Value>(message: string, choices: readonly Choice<Value>[]): Promise<Value | null> {
    // Boxed, so that clack's options have one type whatever the values are.
    const options = choices.map(({ value, label, hint }) => ({
      value: { value },
      label,
      ...(hint !== undefined && { hint }),
    }))
    const chosen = await this.#clack.select({ message, options, ...this.#streams })
    return this.#clack.isCancel(chosen) ? null : chosen.value
  }

  async confirm(message: string, initialValue = false): Promise<boolean | null> {
    return this.#answer(await this.#clack.confirm({ message, initialValue, ...this.#streams }))
  }

  async text({ message, required, prefilled = '', example = '' }: Question): Promise<string | null> {
    const asked = { message, initialValue: prefilled, placeholder: example, validate: validator(required) }
    return this.#answer(await this.#clack.text({ ...asked, ...this.#streams }))
  }

  /** A text that the terminal does not show. */
  async password({ message, required }: Question): Promise<string | null> {
    return this.#answer(
      await this.#clack.password({ message, validate: validator(required), ...this.#streams }),
    )
  }

  /** An empty answer is the empty text, whatever clack makes of it. */
  #answer<Value>(given: Value): Exclude<Value, symbol> | null {
    if (this.#clack.isCancel(given)) return null
    return (given ?? '') as Exclude<Value, symbol>
  }
}

const validator = (required: boolean) => (text: string | undefined) =>
  !required || text?.trim() ? undefined : 'This field is required.'
