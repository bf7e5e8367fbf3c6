import type { VersionValues } from '../authoring/migration.ts'
import type { Discovery } from '../engine/api/flows.ts'

/** What a person enters, by field, and in `choices` what is chosen in each menu: by its page, or by its step (`pick_method`). */
export interface EnteredValues {
  readonly choices?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** A service that stands for one test, and what may be entered for it. Secrets are to be four characters or longer. */
export interface StandingService {
  /** All that a new entry of an account asks for. */
  readonly good: EnteredValues
  /** Other good values of the same account, as far as they differ from `good`; null where it has none. */
  readonly fresh: EnteredValues | null
  /** Good values of another account, as far as they differ from `good`; null where there is none. */
  readonly other: EnteredValues | null
  /** Values that the service refuses, as far as they differ from `good`. */
  readonly bad: EnteredValues
  /** Good values of the same account at another address, as far as they differ from `good`; absent where it has none. */
  readonly moved?: EnteredValues
  /** What to set in place of the default options, where the integration has some. */
  readonly options?: EnteredValues
  /** Good values for each way in, by its name, as far as they differ from `good`. */
  readonly methods?: Readonly<Record<string, EnteredValues>>
  /** What a finder announces of the account of `good`; absent where nothing announces it. */
  readonly discovery?: Discovery
  /** What was kept of the account of `good` by each older version, by field; secrets as `Secret`. */
  readonly older?: Readonly<Record<number, VersionValues>>
  /** What to put under an entry, by its kind. */
  readonly subentries?: Readonly<Record<string, EnteredValues>>
  /** What answers each challenge, by its name. */
  readonly challenge?: Readonly<Record<string, EnteredValues>>
  /**
   * Signs in at the service's own page, which is at this address, as the values say: `good`, and what differs from them; those of `bad`
   * are to allow nothing.
   *
   * @returns where the service sends the browser back to
   */
  signIn?(address: string, values: EnteredValues): Promise<string>
  /** Takes the service away, as a network does. */
  unreachable(): Promise<void>
  /** Brings it back. */
  back(): Promise<void>
  /** How many connections are open at the service; absent where nobody can tell. */
  open?(): number
  stop(): Promise<void>
}

/** Starts a service of its own for each test. */
export interface IntegrationWorld {
  start(): Promise<StandingService>
}

/** What registers tests: those of jest, vitest or `node:test`. */
export interface TestFrame {
  describe(title: string, body: () => void): unknown
  it(title: string, body: () => Promise<void>): unknown
}
