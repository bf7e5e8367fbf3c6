import { execFileSync } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { type IPty, spawn } from '@lydell/node-pty'
import { cleanEnvironment, MAIN } from './cli-place.ts'

const PATIENCE = 60_000

/** The keys that are no text. */
export const KEY = { enter: '\r', down: '\u001b[B', ctrlC: '\u0003' } as const

/** Somebody at a real terminal, who reads what it says and types. */
export class Person {
  /** Every byte that the terminal was sent. */
  bytes = ''
  readonly #pty: IPty
  readonly #exit: Promise<number>
  #read = 0

  constructor(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#pty = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      cols: 120,
      rows: 40,
      env: { ...cleanEnvironment(), ...env },
    })
    this.#pty.onData((data) => {
      this.bytes += data
    })
    this.#exit = new Promise((done) => this.#pty.onExit(({ exitCode }) => done(exitCode)))
  }

  /** What the terminal said, without its colours and movements. */
  get shown(): string {
    return stripVTControlCharacters(this.bytes)
  }

  /** Waits for a text that was not read yet. */
  async sees(text: string): Promise<void> {
    const until = Date.now() + PATIENCE
    for (;;) {
      const at = this.shown.indexOf(text, this.#read)
      if (at >= 0) {
        this.#read = at + text.length
        return
      }
      if (Date.now() > until)
        throw new Error(`“${text}” was not shown after:\n${this.shown.slice(this.#read)}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  types(keys: string): void {
    this.#pty.write(keys)
  }

  async answers(question: string, text: string): Promise<void> {
    await this.sees(question)
    this.types(`${text}${KEY.enter}`)
  }

  /** What everybody on the machine can read of every process: its arguments. */
  arguments(): string {
    return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  }

  /** Whether the terminal shows what is typed, by itself. */
  echoes(): boolean {
    const tty = execFileSync('ps', ['-o', 'tty=', '-p', String(this.#pty.pid)], { encoding: 'utf8' }).trim()
    const modes = execFileSync('sh', ['-c', `stty -a < /dev/${tty}`], { encoding: 'utf8' })
    return / echo\b/.test(modes)
  }

  /** How the program ended. */
  ends(): Promise<number> {
    return this.#exit
  }

  leaves(): void {
    try {
      this.#pty.kill()
    } catch {
      // It has ended.
    }
  }
}
