import { ConfigurationError, KeyMissingError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { canonical } from '../texts/languages.ts'
import { DEFAULT_LIMITS, type Latchkey, type LatchkeyOptions } from './api/latchkey.ts'
import { Connector } from './connections/connector.ts'
import { Engine } from './engine.ts'
import { compileIntegrations } from './integrations/compile.ts'
import type { Core } from './kernel/core.ts'
import { Events } from './kernel/events.ts'
import { Languages } from './language/languages.ts'
import { checkEntry } from './records/entry-record.ts'
import { openSecrets } from './secrets/vault.ts'

const ignore = () => {}

const silent: Log = { info: ignore, warn: ignore, error: ignore }

const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
}

/**
 * Makes the engine over a store. Nothing runs before `start()`, but every call works.
 *
 * @throws IntegrationError, ConfigurationError, KeyMissingError, NewerDatabaseError, StoreError
 */
export async function createLatchkey(options: LatchkeyOptions): Promise<Latchkey> {
  const integrations = compileIntegrations(options.integrations)
  const { store, log = silent, clock = systemClock, network = { fetch: globalThis.fetch } } = options
  const cipher = options.cipher ?? store.cipher
  if (cipher?.plain === true && store.durable) {
    throw new ConfigurationError(
      'A plain cipher hides nothing: it is for benchmarks over the memory store alone.',
    )
  }
  await store.open()
  const sealing = options.cipher ?? store.cipher
  if (sealing === undefined) {
    await store.close()
    throw new ConfigurationError('The store brings no cipher: give createLatchkey one.')
  }
  const core: Core = {
    store,
    cipher: sealing,
    clock,
    log,
    connector: new Connector(clock, log, network),
    integrations,
    languageTexts: new Languages(integrations, languageOf(options.language)),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    events: new Events(log),
    random: options.random ?? Math.random,
  }
  await assertKeyFits(core)
  return new Engine(core).latchkey(options.scopes === true)
}

/** @throws ConfigurationError where it is no language */
function languageOf(language = 'en'): string {
  const tag = canonical(language)
  if (tag === null) {
    throw new ConfigurationError(`The language ${JSON.stringify(language)} is no tag such as en or de-AT.`)
  }
  return tag
}

/** Sealed values that no key opens are found before anything runs, by the first entry there is. */
async function assertKeyFits(core: Core): Promise<void> {
  for (const scope of await core.store.scopes()) {
    const { items } = await core.store.findEntries(scope, { limit: 1 })
    if (items[0] === undefined) continue
    try {
      await openSecrets(core, checkEntry(items[0]))
    } catch (error) {
      // A row that is damaged is that entry's own trouble.
      if (!(error instanceof KeyMissingError)) return
      await core.store.close()
      throw error
    }
    return
  }
}
