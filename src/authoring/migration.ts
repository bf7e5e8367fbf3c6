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

interface Steps {
  values(old: VersionValues): VersionValues
  options(old: VersionOptions): VersionOptions
}

/**
 * Returns the values of version v + 1, given those of version v. A new secret can be a string. Must be pure: it can run
 * several times. Annotate its parameter with the fields of version v: `(old: { host: string; token: Secret }) => ({ …
 * })`.
 */
export type MigrateStep = Steps['values']

/** Returns the options of version v + 1, given those of version v. Must be pure, like {@link MigrateStep}. */
export type MigrateOptionsStep = Steps['options']
