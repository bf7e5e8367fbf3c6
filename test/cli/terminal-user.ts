import { execFileSync } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { type IPty, spawn } from '@lydell/node-pty'
import { cleanEnvironment, MAIN } from './cli-sandbox.ts'

const PATIENCE = 60_000

/** The escape sequences of special keys. */
export const KEY = { enter: '\r', down: '\u001b[B', ctrlC: '\u0003' } as const

/** A user at a real terminal, who reads the output and types. */
export class TerminalUser {
  /** All bytes that the terminal received. */
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

  /** Returns the output without colors and cursor movements. */
  get shown(): string {
    return stripVTControlCharacters(this.bytes)
  }

  /** Waits for a text in the output after the last one. */
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

  /** Returns the arguments of all processes, which all users of the machine can read. */
  arguments(): string {
    return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  }

  /** Whether the terminal echoes typed characters. */
  echoes(): boolean {
    const tty = execFileSync('ps', ['-o', 'tty=', '-p', String(this.#pty.pid)], { encoding: 'utf8' }).trim()
    const modes = execFileSync('sh', ['-c', `stty -a < /dev/${tty}`], { encoding: 'utf8' })
    return / echo\b/.test(modes)
  }

  /** Waits for the end of the program. @returns its exit code */
  ends(): Promise<number> {
    return this.#exit
  }

  leaves(): void {
    try {
      this.#pty.kill()
    } catch {
      // It has exited already.
    }
  }
}
