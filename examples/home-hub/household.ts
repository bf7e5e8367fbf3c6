import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { Broker } from './broker.ts'
import { listenAgain } from './listen-again.ts'

/** The saved state of a device. */
const DeviceState = z.object({
  port: z.int().min(1).max(65_535),
  token: z.string(),
  accountId: z.string(),
})
export type DeviceState = z.output<typeof DeviceState>

const File = z.object({
  port: z.int().min(1).max(65_535),
  accounts: z.array(
    z.object({ username: z.string(), password: z.string(), accountId: z.string(), temperature: z.number() }),
  ),
  device: DeviceState.optional(),
  attic: DeviceState.optional(),
})

/** The initial accounts of the broker. */
export const firstAccounts = [
  { username: 'alice', password: 'latchkey', accountId: 'account-1', temperature: 21.5 },
  { username: 'bob', password: 'latchkey', accountId: 'account-2', temperature: 18 },
]

/** The simulated services, and the file that stores their state while they are off. */
export class Household {
  readonly broker: Broker
  /** Whether the file was just created. */
  readonly isNew: boolean
  /** The saved devices. */
  devices: { readonly device?: DeviceState | undefined; readonly attic?: DeviceState | undefined }
  readonly #path: string

  private constructor(path: string, broker: Broker, saved: z.output<typeof File> | null) {
    this.#path = path
    this.broker = broker
    this.isNew = saved === null
    this.devices = { device: saved?.device, attic: saved?.attic }
  }

  /** @throws Error if the saved state is invalid, or if its port is in use */
  static async open(path: string): Promise<Household> {
    const saved = await load(path)
    const started = Broker.start(saved ?? { accounts: firstAccounts })
    const household = new Household(path, await listenAgain('MQTT broker', saved?.port, started), saved)
    await household.save()
    return household
  }

  /** Saves the state. Call this after a change. The file is replaced atomically. */
  async save(): Promise<void> {
    const { port, accounts } = this.broker
    const text = JSON.stringify({ port, accounts, ...this.devices }, null, 2)
    await writeFile(`${this.#path}.new`, `${text}\n`, { mode: 0o600 })
    await rename(`${this.#path}.new`, this.#path)
  }
}

async function load(path: string): Promise<z.output<typeof File> | null> {
  if (!existsSync(path)) return null
  const text = await readFile(path, 'utf8')
  try {
    return File.parse(JSON.parse(text))
  } catch {
    throw new Error(`${path} is not a valid state of the example. Move it away to start with new accounts.`)
  }
}
