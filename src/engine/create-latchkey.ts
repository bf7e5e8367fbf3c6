import { timerJobs } from '../adapters/timer-jobs.ts'
import { ConfigurationError, KeyMissingError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { canonical } from '../texts/languages.ts'
import { checkLimits } from './api/check-limits.ts'
import { checkOptions } from './api/check-options.ts'
import type { Latchkey, LatchkeyOptions, ScopesLatchkey } from './api/latchkey.ts'
import { Connector } from './connections/connector.ts'
import { Engine } from './engine.ts'
import { compileIntegrations } from './integrations/compile.ts'
import { ChangeFeed } from './kernel/change-feed.ts'
import type { Core } from './kernel/core.ts'
import { Events } from './kernel/events.ts'
import { Leases } from './kernel/leases.ts'
import { Languages } from './language/languages.ts'
import { Background } from './lib/background.ts'
import { containedLog } from './lib/contained-log.ts'
import { containedTelemetry, noTelemetry } from './lib/contained-telemetry.ts'
import { ignore } from './lib/ignore.ts'
import { Lifetime } from './lib/lifetime.ts'
import { longClock } from './lib/long-clock.ts'
import { checkEntry } from './records/entry-record.ts'
import { assertMatchable } from './records/match-keys.ts'
import { openSecrets } from './secrets/vault.ts'

const silent: Log = { info: ignore, warn: ignore, error: ignore }

const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
}

/**
 * Creates the engine and opens its store. Call `start()` to load the entries; all other calls work without it.
 *
 * @throws IntegrationError, ConfigurationError, KeyMissingError, NewerDatabaseError, StoreError
 * @example
 * ```ts
 * import { createLatchkey } from 'latchkey'
 * import { sqliteStore } from 'latchkey/sqlite'
 * import { myHub } from './my-hub.ts'
 *
 * const latchkey = await createLatchkey({ integrations: [myHub], store: sqliteStore('latchkey.db') })
 * await latchkey.start()
 * ```
 */
export async function createLatchkey(
  options: LatchkeyOptions & { readonly scopes: true },
): Promise<ScopesLatchkey>
export async function createLatchkey(options: LatchkeyOptions): Promise<Latchkey>
export async function createLatchkey(options: LatchkeyOptions): Promise<Latchkey> {
  checkOptions(options)
  const integrations = compileIntegrations(options.integrations)
  const limits = checkLimits(options.limits)
  if (options.connect !== undefined && !['lazy', 'eager'].includes(options.connect))
    throw new ConfigurationError(`Invalid connect ${JSON.stringify(options.connect)}. Use "lazy" or "eager".`)
  const clock = longClock(options.clock ?? systemClock)
  const { store, network = { fetch: globalThis.fetch } } = options
  const log = options.log === undefined ? silent : containedLog(options.log)
  const telemetry = options.telemetry === undefined ? noTelemetry : containedTelemetry(options.telemetry)
  const cipher = options.cipher ?? store.cipher
  if (cipher?.plain === true && store.durable) {
    throw new ConfigurationError(
      'A plain cipher does not encrypt. Use it only with the memory store, for tests and benchmarks.',
    )
  }
  await store.open()
  const sealing = options.cipher ?? store.cipher
  if (sealing === undefined) {
    await store.close()
    throw new ConfigurationError('The store has no cipher. Pass one to createLatchkey().')
  }
  try {
    assertMatchable({ cipher: sealing, integrations })
  } catch (error) {
    await store.close()
    throw error
  }
  const events = new Events(log)
  const core: Core = {
    store,
    cipher: sealing,
    clock,
    jobs: options.jobs ?? timerJobs(),
    log,
    connector: new Connector({ clock, log, network, telemetry }, limits),
    integrations,
    languages: new Languages(integrations, languageOf(options.language), log),
    limits,
    lazy: (options.connect ?? (store.shared === true ? 'lazy' : 'eager')) === 'lazy',
    events,
    changes: new ChangeFeed(store.feed, { clock, log, events }),
    lifetime: new Lifetime(),
    background: new Background(),
    leases: new Leases(store, clock, limits.refreshLease),
    telemetry,
    random: options.random ?? Math.random,
  }
  await assertKeyMatches(core)
  await warnOfNewStore(core)
  return new Engine(core).latchkey(options.scopes === true)
}

/** Validates a language tag. @throws ConfigurationError */
function languageOf(language = 'en'): string {
  const tag = canonical(language)
  if (tag === null) {
    throw new ConfigurationError(
      `Invalid language ${JSON.stringify(language)}. Use a tag such as en or de-AT.`,
    )
  }
  return tag
}

/** Warns if the store is new although its key existed: its data may have been moved or deleted. */
async function warnOfNewStore({ store, log }: Core): Promise<void> {
  const notices = (await store.notices?.()) ?? []
  if (notices.some(({ type }) => type === 'new_beside_key'))
    log.warn({}, 'The database is new, but its key file existed. If it had entries, restore a backup.')
}

/** Decrypts one entry, so that a missing key is detected at start. @throws KeyMissingError */
async function assertKeyMatches(core: Core): Promise<void> {
  const row = await core.store.anyEntry()
  if (row === undefined) return
  try {
    const entry = await core.store.getEntry(row.scope, row.entryId)
    if (entry !== undefined) await openSecrets(core, checkEntry(entry))
  } catch (error) {
    // A damaged row concerns only its entry.
    if (!(error instanceof KeyMissingError)) return
    await core.store.close()
    throw error
  }
}
