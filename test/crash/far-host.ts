import type { ChildProcess } from 'node:child_process'
import type { CallTable } from './answer-calls.ts'
import { ended, startChild } from './child.ts'
import type { HostCalls } from './host-child.ts'

type Result<Calls extends CallTable, Call extends keyof Calls> = Awaited<ReturnType<Calls[Call]>>

interface Reply {
  readonly id: number
  readonly result?: unknown
  readonly code?: string
}

/** The time in which a stopped host must end, in milliseconds. A forgotten timer takes longer. */
const PATIENCE = 20_000
const running = new Set<{ kill(): Promise<void> }>()

/** Kills all that a test has left running. */
export async function killFarHosts(): Promise<void> {
  await Promise.all([...running].map((host) => host.kill()))
}

/** A host in another process. A call that it refuses rejects with the error's code. */
export class FarHost<Calls extends CallTable = HostCalls> {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (reply: Reply) => void>()
  #last = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (reply: Reply) => this.#waiting.get(reply.id)?.(reply))
  }

  static async open<Calls extends CallTable = HostCalls>(
    path: string,
    script = 'host-child',
    ...more: readonly string[]
  ): Promise<FarHost<Calls>> {
    const child = await startChild(script, path, ...more)
    const host = new FarHost<Calls>(child)
    running.add(host)
    child.once('exit', () => running.delete(host))
    await Promise.race([
      new Promise<Reply>((resolve) => host.#waiting.set(0, resolve)),
      ended(child).then(({ stderr }) => Promise.reject(new Error(stderr))),
    ])
    return host
  }

  call<Call extends keyof Calls>(call: Call, ...args: Parameters<Calls[Call]>): Promise<Result<Calls, Call>> {
    return this.#ask(String(call), args) as Promise<Result<Calls, Call>>
  }

  /** Stops it, and waits until its process has ended by itself: no handle is still open. */
  async stop(): Promise<void> {
    const gone = ended(this.#child)
    await this.#ask('stop', [])
    const tired = setTimeout(() => this.#child.kill(), PATIENCE)
    const { code, signal } = await gone
    clearTimeout(tired)
    if (code !== 0) throw new Error(`The host ended with ${code ?? signal}.`)
  }

  /** Its process stands still, as a laptop that sleeps, or goes on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  /** Kills it, wherever it is. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = ended(this.#child)
    this.#child.kill('SIGKILL')
    await gone
  }

  async #ask(call: string, args: readonly unknown[]): Promise<unknown> {
    if (!this.#child.connected) throw new Error(`The host has ended, and cannot answer "${call}".`)
    const id = ++this.#last
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, code }) => {
        this.#waiting.delete(id)
        if (code === undefined) resolve(result)
        else reject(new Error(code))
      })
      this.#child.send({ id, call, args })
    })
  }
}
