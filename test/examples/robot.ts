import { PassThrough, Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'

const PATIENCE = 60_000

/** A user at a terminal, who reads the output and types. */
export class Robot {
  readonly input = new PassThrough()
  readonly output: Writable
  /** The whole output without colors. */
  shown = ''
  #read = 0

  constructor() {
    this.output = new Writable({
      write: (chunk, _encoding, done) => {
        this.shown += stripVTControlCharacters(String(chunk))
        done()
      },
    })
  }

  /** Waits for a text in the output after the last one. */
  async sees(text: string): Promise<void> {
    const until = Date.now() + PATIENCE
    let at = -1
    while (at < 0) {
      at = this.shown.indexOf(text, this.#read)
      if (at < 0 && Date.now() > until) {
        throw new Error(`“${text}” was not shown after:\n${this.shown.slice(Math.max(0, this.#read - 500))}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    this.#read = at + text.length
  }

  type(keys: string): void {
    this.input.write(keys)
  }

  /** Answers a prompt. */
  async answers(question: string, text: string): Promise<void> {
    await this.sees(question)
    this.type(`${text}\r`)
  }

  /** Selects the nth option of a menu. */
  async chooses(question: string, index: number): Promise<void> {
    await this.sees(question)
    this.type(`${'\u001b[B'.repeat(index)}\r`)
  }
}
