import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { LatchkeyError, UnreadableRecordError } from '../errors.ts'
import { firstItems, type SamplePage, type SampleQuery } from './all-pages.ts'
import type { CommonOptions, Terminal } from './command.ts'
import type { LatchkeyConfig } from './config.ts'
import { loadConfig } from './load-config.ts'
import { type Host, openHost, orCancelled } from './open-host.ts'
import { readManifest } from './package-root.ts'
import { problemOf } from './problem.ts'

export interface DoctorOptions extends CommonOptions {
  /** Whether to connect all entries first. Defaults to false. */
  readonly connect?: boolean
}

/** The result of a check. `attention`: the installation works, but an entry needs the user. */
export interface Finding {
  readonly status: 'ok' | 'attention' | 'failed' | 'skipped'
  readonly detail: string
}

type Check = (installation: Installation) => Finding | Promise<Finding>

/** Each check reads at most this many rows, so that its time does not depend on the size of the installation. */
const SAMPLE = 1_000

/** The installation to check. Each part is opened once, by the first check that needs it. */
export class Installation {
  readonly #terminal: Terminal
  readonly #options: DoctorOptions
  readonly #reported = new Set<unknown>()
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
    this.#host ??= this.config().then(({ config }) => openHost(config, this.#options))
    return this.#host
  }

  /** Returns the calls of the configured scope, or of the first scopes. */
  async scopes(): Promise<readonly ScopedLatchkey[]> {
    const { config, latchkey, scoped } = await this.host()
    if (config.scope !== undefined) return [scoped]
    return (await config.store.scopes({ limit: SAMPLE })).map((name) => latchkey.scope(name))
  }

  /** Returns the first items of a list of the scopes. */
  async sample<Item>(list: (scope: ScopedLatchkey, query: SampleQuery) => Promise<SamplePage<Item>>) {
    const scopes = await this.scopes()
    const sample = await firstItems(scopes, list, SAMPLE)
    return { ...sample, isAll: sample.isAll && scopes.length < SAMPLE }
  }

  /** Connects all entries if requested. @returns whether it did */
  async connect(): Promise<boolean> {
    if (this.#options.connect !== true) return false
    const { latchkey } = await this.host()
    await orCancelled(latchkey.start(), this.#terminal.signal)
    return true
  }

  /** Runs one check. If a part cannot be opened, the first check that needs it fails and later ones are skipped. */
  async run(check: Check): Promise<Finding> {
    try {
      return await check(this)
    } catch (error) {
      if (error instanceof LatchkeyError && error.code === 'CANCELLED') throw error
      if (this.#reported.has(error)) return { status: 'skipped', detail: 'Requires a check that failed.' }
      this.#reported.add(error)
      return { status: 'failed', detail: problemOf(error).detail }
    }
  }

  async release(): Promise<void> {
    const host = await this.#host?.catch(() => undefined)
    await host?.latchkey.stop()
  }
}

const ok = (detail: string): Finding => ({ status: 'ok', detail })

/** The number of due rows that the doctor reads. The longest overdue come first, after lapsed attempts. */
const DUE_SAMPLE = 100

/** A row is overdue after this number of minutes. Hosts process due rows at an interval of ten seconds. */
const LATE = 5

/** All checks, in order. */
export const checks: readonly { readonly name: string; readonly check: Check }[] = [
  {
    name: 'node',
    check: () => atLeast('Node', process.versions.node, readManifest().engines.node),
  },
  {
    name: 'xstate',
    check: () => atLeast('xstate', installedVersion('xstate'), readManifest().peerDependencies.xstate),
  },
  {
    name: 'configuration',
    check: async (installation) => {
      const { path, config } = await installation.config()
      const domains = config.integrations.map(({ domain }) => domain).join(', ')
      return ok(`${path}: ${domains === '' ? 'no integrations' : domains}`)
    },
  },
  {
    name: 'store',
    check: async (installation) => {
      try {
        await installation.host()
      } catch (error) {
        // The next check reports it.
        if (!isKeyMissing(error)) throw error
      }
      return ok('The store opens.')
    },
  },
  {
    name: 'key',
    check: async (installation) => {
      await installation.host()
      return ok('The key decrypts the stored values.')
    },
  },
  {
    name: 'rows',
    check: async (installation) => {
      const read = await installation.sample(({ entries }, query) => entries.list(query))
      const { unreadable: entries } = read
      const { unreadable: flows } = await installation.sample(({ flows }, query) => flows.list(query))
      if (entries.length + flows.length === 0)
        return ok(
          read.isAll ? `${count(read.items)}, all readable.` : `The first ${count(read.items)} are readable.`,
        )
      const details = [
        ...(entries.length === 0
          ? []
          : [
              `Damaged entries: ${entries.join(', ')}.`,
              'Restore a backup, or remove each with latchkey remove <id> and link it again.',
            ]),
        ...(flows.length === 0
          ? []
          : [`Flows that cannot be read: ${flows.join(', ')}. Cancel each with latchkey cancel <id>.`]),
      ]
      return { status: 'failed', detail: details.join(' ') }
    },
  },
  {
    name: 'backup',
    check: async (installation) => {
      const { config, latchkey } = await installation.host()
      const notices = (await config.store.notices?.()) ?? []
      if (notices.some(({ type }) => type === 'new_beside_key')) {
        const detail = 'The database is new, but its key file existed.'
        return { status: 'failed', detail: `${detail} If it had entries, run latchkey restore <file>.` }
      }
      const tokens = await Promise.all(
        notices
          .flatMap((notice) => (notice.type === 'restored' ? notice.entries : []))
          .slice(0, SAMPLE)
          .map(refreshed),
      )
      const old = tokens.filter((id) => id !== null)
      if (old.length === 0) return ok('No tokens of a restored backup.')
      const detail = `A backup was restored. These tokens may have been replaced since: ${old.join(', ')}.`
      return { status: 'attention', detail: `${detail} Use each entry once, or run latchkey reauth <id>.` }

      /** Returns the id of an entry whose integration refreshes tokens. */
      async function refreshed({ scope, entryId }: { scope: string; entryId: string }) {
        try {
          const { domain } = await latchkey.scope(scope).entries.get(entryId)
          const integration = config.integrations.find((one) => one.domain === domain)
          return integration?.refresh === undefined ? null : entryId
        } catch (error) {
          // Another check reports a damaged entry.
          if (error instanceof UnreadableRecordError) return null
          throw error
        }
      }
    },
  },
  {
    name: 'integrations',
    check: async (installation) => {
      const { latchkey } = await installation.host()
      const known = new Set(latchkey.integrations.map(({ domain }) => domain))
      const { items } = await installation.sample(({ entries }, query) => entries.list(query))
      const orphans = items.filter(({ domain }) => !known.has(domain))
      if (orphans.length === 0) return ok('All integrations are configured.')
      const domains = [...new Set(orphans.map(({ domain }) => domain))].join(', ')
      return {
        status: 'failed',
        detail: `${count(orphans)} of ${domains}: add the integration or remove them.`,
      }
    },
  },
  {
    name: 'jobs',
    check: async (installation) => {
      const { config } = await installation.host()
      const problems = (await config.jobs?.problems?.()) ?? []
      if (problems.length > 0) return { status: 'failed', detail: problems.join(' ') }
      const due = await config.store.due(Date.now(), DUE_SAMPLE)
      const oldest = Math.min(...due.map(({ dueAt = Date.now() }) => dueAt), Date.now())
      const minutes = Math.floor((Date.now() - oldest) / 60_000)
      if (minutes < LATE) return ok('No row is overdue.')
      const detail = `The oldest due row has waited for ${minutes} minutes.`
      return {
        status: 'attention',
        detail: `${detail} A host that runs processes it, or logs why it cannot.`,
      }
    },
  },
  {
    name: 'attention',
    check: async (installation) => {
      const connected = await installation.connect()
      const { items, isAll } = await installation.sample(({ attention }, query) => attention.page(query))
      if (items.length === 0) {
        return ok(
          connected
            ? 'No entry needs attention.'
            : 'No entry needs attention. Add --connect to verify the connections.',
        )
      }
      const byReason = Map.groupBy(items, ({ reason }) => reason)
      const reasons = [...byReason].map(([reason, { length }]) => `${length} ${reason}`).join(', ')
      const need = items.length === 1 ? 'needs' : 'need'
      return {
        status: 'attention',
        detail: `${isAll ? '' : 'At least '}${count(items)} ${need} attention: ${reasons}. See latchkey list.`,
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

/** Compares a version with a range of the form `>=22.18` or `>=5.33.0 <6`. */
function atLeast(what: string, version: string, range: string): Finding {
  const [major = 0, minor = 0] = numbers(version)
  const [least = '', below = 'Infinity'] = range.split(' <')
  const [wantedMajor = 0, wantedMinor = 0] = numbers(least)
  const isNewer = major > wantedMajor && major < Number(below)
  if (isNewer || (major === wantedMajor && minor >= wantedMinor)) return ok(version)
  return { status: 'failed', detail: `${what} ${version} is not supported. Install ${range}.` }
}

const numbers = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number)
