import type { DeviceView, ExternalView, FormView, MenuView } from '../view.ts'
import type { Terminal } from './command.ts'
import { peer } from './peer.ts'
import { readLines } from './read-lines.ts'

type Clack = typeof import('@clack/prompts')

/** The escape sequence that erases the current line. */
const ERASE = '\u001b[2K'

/** An option of a menu. */
export interface Choice<Value> {
  readonly value: Value
  readonly label: string
  readonly hint?: string
}

/** A prompt for a line of text. */
export interface Question {
  readonly message: string
  readonly required: boolean
  readonly prefilled?: string
  readonly example?: string
}

/** Prompts and messages in a terminal. A cancelled prompt returns `null`. */
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

  /** @throws PeerMissingError if @clack/prompts is not installed */
  static async open(terminal: Terminal): Promise<Screen> {
    return new Screen(await peer(() => import('@clack/prompts')), terminal)
  }

  info = (text: string): void => this.#clack.log.info(text, this.#streams)
  error = (text: string): void => this.#clack.log.error(text, this.#streams)

  /** Prints the title of the flow, so that users do not enter a secret for a different service. */
  heading(view: FormView | MenuView | ExternalView | DeviceView): void {
    const { name = '' } = view.placeholders
    const { step } = view
    const page = 'page' in view ? view.page : undefined
    const detail = page ?? (view.type === 'form' ? view.challenge : undefined)
    const what = detail === undefined ? step : `${step}, ${detail}`
    this.#clack.log.step(name === '' ? what : `${name} (${what})`, this.#streams)
  }

  /** Prints a message and waits for work. Typed characters are not echoed, and Ctrl-C interrupts. */
  during<Result>(text: string, work: () => Promise<Result>): Promise<Result> {
    return this.#withoutEcho(() => {
      this.#clack.log.step(text, this.#streams)
      return work()
    })
  }

  /** Waits for work and prints the status every second on one line. Ctrl-C interrupts. */
  async withStatus<Result>(status: () => string, work: () => Promise<Result>): Promise<Result> {
    const { output } = this.#terminal
    const draw = () => output.write(`\r${ERASE}${status()}`)
    const timer = setInterval(draw, 1_000)
    try {
      return await this.#withoutEcho(() => {
        draw()
        return work()
      })
    } finally {
      clearInterval(timer)
      output.write(`\r${ERASE}`)
    }
  }

  async #withoutEcho<Result>(work: () => Promise<Result>): Promise<Result> {
    const { input, interrupt } = this.#terminal
    const interruptOnCtrlC = (typed: Buffer | string) => {
      if (String(typed).includes('\u0003')) interrupt()
    }
    return this.#withRawInput(async () => {
      input.on('data', interruptOnCtrlC).resume()
      try {
        return await work()
      } finally {
        input.off('data', interruptOnCtrlC).pause()
      }
    })
  }

  /** Does work in raw mode, with its prompt. Before raw mode, the terminal shows the typed keys, and Ctrl-D ends the input. */
  async #withRawInput<Result>(work: () => Promise<Result>): Promise<Result> {
    const { input } = this.#terminal
    const setRaw = (on: boolean) => {
      if ('setRawMode' in input && typeof input.setRawMode === 'function') input.setRawMode(on)
    }
    setRaw(true)
    try {
      return await work()
    } finally {
      setRaw(false)
    }
  }

  /** Prompts for one of several choices. `initial` is selected first. */
  async choose<Value>(
    message: string,
    choices: readonly Choice<Value>[],
    initial?: Value,
  ): Promise<Value | null> {
    // Wrapped in an object, so that clack's type does not depend on the type of the values.
    const options = choices.map(({ value, label, hint }) => ({
      value: { value },
      label,
      ...(hint !== undefined && { hint }),
    }))
    const initialValue = options.find(({ value }) => value.value === initial)?.value
    const selected = initialValue === undefined ? {} : { initialValue }
    const chosen = await this.#clack.select({ message, options, ...selected, ...this.#streams })
    return this.#clack.isCancel(chosen) ? null : chosen.value
  }

  async confirm(message: string, initialValue = false): Promise<boolean | null> {
    return this.#answer(await this.#clack.confirm({ message, initialValue, ...this.#streams }))
  }

  async text({ message, required, prefilled = '', example = '' }: Question): Promise<string | null> {
    const options = { message, initialValue: prefilled, placeholder: example, validate: validator(required) }
    return this.#answer(await this.#clack.text({ ...options, ...this.#streams }))
  }

  /** Prompts for a text without echo. */
  async password({ message, required }: Question): Promise<string | null> {
    return this.#answer(
      await this.#clack.password({ message, validate: validator(required), ...this.#streams }),
    )
  }

  /** Prompts for a text of several lines without echo. Ctrl-D ends it. */
  async lines({ message, required }: Question): Promise<string | null> {
    for (;;) {
      const text = await this.#withRawInput(() => {
        this.#clack.log.step(`${message}: paste all lines, then press Ctrl-D`, this.#streams)
        return readLines(this.#terminal)
      })
      if (text !== '' || !required) return text
      this.error(REQUIRED)
    }
  }

  /** Converts clack's result: `null` if cancelled, and an empty string for an empty answer. */
  #answer<Value>(result: Value): Exclude<Value, symbol> | null {
    if (this.#clack.isCancel(result)) return null
    return (result ?? '') as Exclude<Value, symbol>
  }
}

const validator = (required: boolean) => (text: string | undefined) =>
  !required || text?.trim() ? undefined : REQUIRED

const REQUIRED = 'This field is required.'
