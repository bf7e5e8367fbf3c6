import { UnknownDomainError } from '../errors.ts'
import type { Cipher } from '../ports/cipher.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import type { Compiled } from './compile.ts'
import type { Connector } from './connector.ts'
import type { Events } from './events.ts'
import type { Speech } from './speech.ts'

/** What the host may set; times are in milliseconds. */
export interface Limits {
  /** A user or reconfigure flow that nobody touches expires after this long. */
  readonly flowIdle: number
  /** A discovery that nobody answers expires after this long; what announces it may do so again. */
  readonly discoveryIdle: number
  /** How long a finished flow still answers with its end. */
  readonly tombstone: number
  /** How long the history of entries is kept; for ever where it is Infinity. */
  readonly history: number
  /** How long before its end a short-lived token is renewed. */
  readonly refreshSkew: number
  /** How long the right to renew a token is held before it has to be held anew. */
  readonly refreshLease: number
  /** How long before its end a credential is in the list of those that need a person. */
  readonly expiryNotice: number
  /** Open user flows of one scope, and discoveries; of these at most half as many. */
  readonly openFlows: number
  /** Things under one entry: its row holds them all, and is written anew with each change of the entry. */
  readonly subentries: number
  /** The window in which refused logins are counted. */
  readonly attemptsWindow: number
  /** Refused logins of one principal for one entry. */
  readonly attemptsPerEntry: number
  /** Refused logins for one domain of a scope, where there is no entry yet. */
  readonly attemptsPerDomain: number
  /** Addresses that could not be reached for one domain of a scope, where there is no entry yet. */
  readonly unreachablePerDomain: number
}

export const DEFAULT_LIMITS: Limits = {
  flowIdle: 30 * 60_000,
  discoveryIdle: 24 * 3_600_000,
  tombstone: 24 * 3_600_000,
  history: Number.POSITIVE_INFINITY,
  refreshSkew: 60_000,
  refreshLease: 15_000,
  expiryNotice: 7 * 24 * 3_600_000,
  openFlows: 1_000,
  subentries: 100,
  attemptsWindow: 15 * 60_000,
  attemptsPerEntry: 5,
  attemptsPerDomain: 20,
  unreachablePerDomain: 60,
}

/** What every part of the engine works with. */
export interface Core {
  readonly store: Store
  readonly cipher: Cipher
  readonly clock: Clock
  readonly log: Log
  readonly connector: Connector
  readonly integrations: ReadonlyMap<string, Compiled>
  /** The languages that views are put into words in. */
  readonly speech: Speech
  readonly limits: Limits
  readonly events: Events
  /** From 0 up to 1: the jitter of the backoff. */
  readonly random: () => number
}

/** @throws UnknownDomainError */
export function integrationOf(core: Core, domain: string): Compiled {
  const compiled = core.integrations.get(domain)
  if (compiled === undefined) throw new UnknownDomainError()
  return compiled
}
