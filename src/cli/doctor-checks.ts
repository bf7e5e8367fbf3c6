import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { LatchkeyError } from '../errors.ts'
import type { CommonOptions, Terminal } from './command.ts'
import type { LatchkeyConfig } from './config.ts'
import { allEntries } from './find-entry.ts'
import { loadConfig } from './load-config.ts'
import { type Host, openHost, orCancelled } from './open-host.ts'
import { readManifest } from './package-root.ts'
import { problemOf } from './problem.ts'

export interface DoctorOptions extends CommonOptions {
  /** Whether every entry is connected first. */
  readonly connect?: boolean
}

/** What a check has found. `attention`: nothing is broken, but an entry needs a person. */
export interface Finding {
  readonly status: 'ok' | 'attention' | 'failed' | 'skipped'
  readonly detail: string
}

type Look = (patient: Patient) => Finding | Promise<Finding>

/** What is looked over. Each part is opened once, by the first check that needs it. */
export class Patient {
  readonly #terminal: Terminal
  readonly #options: DoctorOptions
  readonly #told = new Set<unknown>()
  #config: Promise<{ readonly path: string; readonly config: LatchkeyConfig }> | undefined
  #host: Promise<Host> | undefined

  constructor(terminal: Terminal, options: DoctorOptions) {
    this.#terminal = terminal
    this.#options = options
  }

  config() {
    this.#config ??= loadConfig(this.#terminal.directory, this.#options.config)
    return this.#config
  }

  host(): Promise<Host> {
    this.#host ??= this.config().then(({ config }) => openHost(config))
    return this.#host
  }

  /** The calls of every scope there is, or of the one that is configured. */
  async scopes(): Promise<readonly ScopedLatchkey[]> {
    const { config, latchkey, scoped } = await this.host()
    if (config.scope !== undefined) return [scoped]
    return (await config.store.scopes()).map((name) => latchkey.scope(name))
  }

  /** Connects every entry, where that was asked for. */
  async connect(): Promise<boolean> {
    if (this.#options.connect !== true) return false
    const { latchkey } = await this.host()
    await orCancelled(latchkey.start(), this.#terminal.signal)
    return true
  }

  /** Runs one check. What fails it fails it once: checks that need the same part are skipped. */
  async examine(look: Look): Promise<Finding> {
    try {
      return await look(this)
    } catch (error) {
      if (error instanceof LatchkeyError && error.code === 'CANCELLED') throw error
      if (this.#told.has(error)) return { status: 'skipped', detail: 'Needs what failed above.' }
      this.#told.add(error)
      return { status: 'failed', detail: problemOf(error).detail }
    }
  }

  async release(): Promise<void> {
    const host = await this.#host?.catch(() => undefined)
    await host?.latchkey.stop()
  }
}

const ok = (detail: string): Finding => ({ status: 'ok', detail })

/** Every check, in the order in which they are made. */
export const checks: readonly { readonly name: string; readonly look: Look }[] = [
  {
    name: 'node',
    look: () => atLeast('Node', process.versions.node, readManifest().engines.node),
  },
  {
    name: 'xstate',
    look: () => atLeast('xstate', installedVersion('xstate'), readManifest().peerDependencies.xstate),
  },
  {
    name: 'configuration',
    look: async (patient) => {
      const { path, config } = await patient.config()
      const domains = config.integrations.map(({ domain }) => domain).join(', ')
      return ok(`${path}: ${domains === '' ? 'no integration' : domains}`)
    },
  },
  {
    name: 'store',
    look: async (patient) => {
      try {
        await patient.host()
      } catch (error) {
        // That is the next check's to tell.
        if (!isKeyMissing(error)) throw error
      }
      return ok('It opens.')
    },
  },
  {
    name: 'key',
    look: async (patient) => {
      await patient.host()
      return ok('It opens what is sealed.')
    },
  },
  {
    name: 'rows',
    look: async (patient) => {
      const pages = await Promise.all((await patient.scopes()).map(allEntries))
      const unreadable = pages.flatMap((page) => page.unreadable)
      if (unreadable.length === 0) return ok(`${count(pages.flatMap(({ items }) => items))}, all readable.`)
      const detail = `Damaged: ${unreadable.join(', ')}. Restore them from a backup, or remove them.`
      return { status: 'failed', detail }
    },
  },
  {
    name: 'integrations',
    look: async (patient) => {
      const { latchkey } = await patient.host()
      const known = new Set(latchkey.integrations.map(({ domain }) => domain))
      const pages = await Promise.all((await patient.scopes()).map(allEntries))
      const orphans = pages.flatMap(({ items }) => items).filter(({ domain }) => !known.has(domain))
      if (orphans.length === 0) return ok('Every entry has its integration.')
      const domains = [...new Set(orphans.map(({ domain }) => domain))].join(', ')
      return {
        status: 'failed',
        detail: `${count(orphans)} of ${domains}: add the integration, or remove them.`,
      }
    },
  },
  {
    name: 'attention',
    look: async (patient) => {
      const connected = await patient.connect()
      const items = (
        await Promise.all((await patient.scopes()).map(({ attention }) => attention.list()))
      ).flat()
      if (items.length === 0) {
        return ok(connected ? 'Nobody is needed.' : 'Nobody is needed, as far as is stored (see --connect).')
      }
      const byReason = Map.groupBy(items, ({ reason }) => reason)
      const reasons = [...byReason].map(([reason, { length }]) => `${length} ${reason}`).join(', ')
      const need = items.length === 1 ? 'needs' : 'need'
      return {
        status: 'attention',
        detail: `${count(items)} ${need} a person: ${reasons}. See latchkey list.`,
      }
    },
  },
]

const count = ({ length }: readonly unknown[]): string => (length === 1 ? '1 entry' : `${length} entries`)

const isKeyMissing = (error: unknown): boolean =>
  error instanceof LatchkeyError && error.code === 'KEY_MISSING'

function installedVersion(name: string): string {
  const path = fileURLToPath(import.meta.resolve(`${name}/package.json`))
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}

/** Compares a version with a range of the forms `>=22.18` and `>=5.33.0 <6`. */
function atLeast(what: string, version: string, range: string): Finding {
  const [major = 0, minor = 0] = numbers(version)
  const [least = '', below = 'Infinity'] = range.split(' <')
  const [wantedMajor = 0, wantedMinor = 0] = numbers(least)
  const isNewer = major > wantedMajor && major < Number(below)
  if (isNewer || (major === wantedMajor && minor >= wantedMinor)) return ok(version)
  return { status: 'failed', detail: `${what} ${version} does not fit: it takes ${range}.` }
}

const numbers = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number)
