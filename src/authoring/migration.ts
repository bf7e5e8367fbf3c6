import type { Json } from '../ports/json.ts'
import type { Secret } from './secret.ts'

/**
 * The stored values of one version. Secrets are {@link Secret} objects, so that a migration cannot expose them by
 * accident.
 */
export interface VersionValues {
  readonly [field: string]: Json | Secret | undefined
}

/** The options of one version. */
export interface VersionOptions {
  readonly [option: string]: Json | undefined
}

/** A sub-entry, as a migration receives it. */
export interface VersionSubentry {
  readonly subentryId: string
  readonly type: string
  readonly title: string
  readonly uniqueId: string | null
  readonly values: VersionValues
  /** The version of `values`. The migrations of its type run after those of the integration. */
  readonly version: number
}

/** A sub-entry, as a migration returns it. A new one has no `subentryId`. `version` defaults to that of its type. */
export type MigratedSubentry = Omit<VersionSubentry, 'subentryId' | 'version'> &
  Partial<Pick<VersionSubentry, 'subentryId' | 'version'>>

/**
 * An entry of one version. Name its fields to have them typed: `EntryVersion<{ host: string; token: Secret }>`.
 */
export interface EntryVersion<
  Values extends VersionValues = VersionValues,
  Options extends VersionOptions = VersionOptions,
> {
  readonly values: Values
  readonly options: Options
  /** The sub-entries, oldest first. */
  readonly subentries: readonly VersionSubentry[]
  readonly uniqueId: string | null
}

/** The changes of a migration. A part that is left out stays as it is. */
export interface MigratedEntry {
  /** All values of the next version. A new secret can be a text. */
  readonly values?: VersionValues | undefined
  readonly options?: VersionOptions | undefined
  /** All sub-entries. One that is not in the list is removed. */
  readonly subentries?: readonly MigratedSubentry[] | undefined
  readonly uniqueId?: string | null | undefined
}

interface Steps {
  entry(old: EntryVersion): MigratedEntry
  subentry(old: VersionValues): VersionValues
}

/**
 * Returns the entry of version v + 1, given that of version v. Must be synchronous and pure: it can run several times.
 */
export type MigrateStep = Steps['entry']

/** Returns the values of a sub-entry of version v + 1, given those of version v. Must be pure, like {@link MigrateStep}. */
export type MigrateSubentryStep = Steps['subentry']
