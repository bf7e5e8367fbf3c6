import type { VersionValues } from '../authoring/migration.ts'
import type { Discovery } from '../engine/api/flows.ts'

/** Values by field. `choices` are the values of menus by the name of the page or step (`pick_method`). */
export interface EnteredValues {
  readonly choices?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** A running service for one test, and values that it accepts or rejects. Secrets need at least four characters. */
export interface StandingService {
  /** All values for a new entry. */
  readonly good: EnteredValues
  /** Other valid values of the same account; only those that differ from `good`. `null` if the account has no others. */
  readonly fresh: EnteredValues | null
  /** Valid values of a different account; only those that differ from `good`. `null` if there is only one. */
  readonly other: EnteredValues | null
  /** Values that the service rejects; only those that differ from `good`. `null` for a device without a sign-in. */
  readonly bad: EnteredValues | null
  /** Valid values of the same account at a different address; only those that differ from `good`. */
  readonly moved?: EnteredValues
  /** Values other than the default options, if the integration has options. */
  readonly options?: EnteredValues
  /** Valid values by sign-in method; only those that differ from `good`. */
  readonly methods?: Readonly<Record<string, EnteredValues>>
  /** A discovery of the account of `good`. Absent if the integration is not discovered. */
  readonly discovery?: Discovery
  /** The stored values of `good` in each older version, by version. Secrets as `Secret`. */
  readonly older?: Readonly<Record<number, VersionValues>>
  /** Valid values of a sub-entry, by type. */
  readonly subentries?: Readonly<Record<string, EnteredValues>>
  /** The answers to challenges, by name. */
  readonly challenge?: Readonly<Record<string, EnteredValues>>
  /** Answers to challenges that the service rejects, by name. */
  readonly badChallenge?: Readonly<Record<string, EnteredValues>>
  /**
   * The origin that answers for a host, by its name: `{ 'api.example.com': 'http://127.0.0.1:8080' }`. Requests that the
   * integration sends with `context.fetch` go there, so a service with a fixed address needs no setting for tests.
   */
  readonly hosts?: Readonly<Record<string, string>>
  /**
   * Signs in on the service's page as the account of the values. With the values of `bad` it must refuse access.
   *
   * @param address the URL of the page
   * @returns the URL to which the service redirects the browser
   */
  signIn?(address: string, values: EnteredValues): Promise<string>
  /**
   * Enters a code on the service's page as the account of the values, for a sign-in with a device code. With the values of
   * `bad` it must refuse access.
   */
  approve?(userCode: string, values: EnteredValues): Promise<void>
  /** Valid values of the follow-up flow, if the integration has `next`. */
  readonly next?: EnteredValues
  /** Sends a request with the client that `connect` has returned, and rejects if it fails. */
  use?(client: never): Promise<unknown>
  /** Revokes the credential of `good`, like a user in the settings of the service. `fresh` stays valid. */
  kill?(): Promise<void>
  /** Closes the open connections of the service, like a device that restarts. */
  drop?(): Promise<void>
  /** Returns whether the service was informed that the entry of `good` was removed: no token or webhook is left. */
  removed?(): boolean
  /** Makes the service unreachable. */
  unreachable(): Promise<void>
  /** Makes the service reachable again. */
  back(): Promise<void>
  /** Returns the number of open connections of the service. Omit it if the number is unknown. */
  open?(): number
  stop(): Promise<void>
}

/** Starts a separate service for each test. */
export interface IntegrationWorld {
  start(): Promise<StandingService>
}

/** The test functions of jest, vitest or `node:test`. */
export interface TestFrame {
  describe(title: string, body: () => void): unknown
  it(title: string, body: () => Promise<void>): unknown
}
