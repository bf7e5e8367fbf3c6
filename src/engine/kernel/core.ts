import { UnknownDomainError } from '../../errors.ts'
import type { Cipher } from '../../ports/cipher.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Jobs } from '../../ports/jobs.ts'
import type { Log } from '../../ports/log.ts'
import type { Store } from '../../ports/store.ts'
import type { Telemetry } from '../../ports/telemetry.ts'
import type { Limits } from '../api/latchkey.ts'
import type { Connector } from '../connections/connector.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { Languages } from '../language/languages.ts'
import type { Background } from '../lib/background.ts'
import type { Lifetime } from '../lib/lifetime.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { Events } from './events.ts'
import type { Leases } from './leases.ts'

/** The dependencies that all parts of the engine share. */
export interface Core {
  readonly store: Store
  readonly cipher: Cipher
  readonly clock: Clock
  readonly jobs: Jobs
  readonly log: Log
  readonly connector: Connector
  readonly integrations: ReadonlyMap<string, Compiled>
  /** The available languages, with their texts. */
  readonly languages: Languages
  readonly limits: Limits
  /** Whether an entry connects at its first use, not at the start. */
  readonly lazy: boolean
  readonly events: Events
  /** The changes by other processes. */
  readonly changes: ChangeFeed
  readonly lifetime: Lifetime
  readonly leases: Leases
  readonly background: Background
  readonly telemetry: Telemetry
  /** Returns a number from 0 to 1, for the jitter of retries. */
  readonly random: () => number
}

/** Returns a registered integration. @throws UnknownDomainError */
export function integrationOf(core: Core, domain: string): Compiled {
  const compiled = core.integrations.get(domain)
  if (compiled === undefined) throw new UnknownDomainError()
  return compiled
}
