import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { ended, startChild } from '../crash/child.ts'
import type { Told } from './load-child.ts'

const LANES = 4

/** Several processes of load-child.ts on one store. A killed one is replaced. */
export class LoadHosts {
  /** The results that the callers in all processes received. */
  readonly told: Told[] = []
  /** The errors that processes have printed. */
  readonly printed: string[] = []
  readonly #place: string
  readonly #hosts: ChildProcess[] = []
  #seed: number

  constructor(place: string, seed: number) {
    this.#place = place
    this.#seed = seed
  }

  /** Starts a number of processes, and waits until they work. */
  async start(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, at) => this.#start(at)))
  }

  /** Kills a process, wherever it is, and starts another one. */
  async kill(at: number): Promise<void> {
    const host = this.#hosts[at]
    const gone = host && once(host, 'close')
    host?.kill('SIGKILL')
    await gone
    await this.#start(at)
  }

  /** Lets all processes finish their work and end. @returns their exit codes */
  async stop(): Promise<readonly (number | null)[]> {
    const hosts = this.#hosts.splice(0)
    const codes = Promise.all(hosts.map(async (host) => (await once(host, 'close'))[0] as number | null))
    for (const host of hosts) host.send('stop')
    return codes
  }

  /** Kills all that a failed test has left. */
  clear(): void {
    for (const host of this.#hosts.splice(0)) host.kill('SIGKILL')
  }

  async #start(at: number): Promise<void> {
    const host = await startChild('load-child', this.#place, String(LANES), String(this.#seed++))
    this.#hosts[at] = host
    void ended(host).then(({ stderr }) => stderr !== '' && this.printed.push(stderr))
    const ready = Promise.withResolvers<void>()
    host.on('message', (message: Told | { readonly type: 'ready' }) => {
      if (message.type === 'ready') ready.resolve()
      else this.told.push(message)
    })
    host.once('close', () => ready.reject(new Error(`A process ended early. ${this.printed.at(-1) ?? ''}`)))
    await ready.promise
  }
}
