import type { Json } from '../ports/json.ts'
import type { Secret } from './secret.ts'

/** The values of one version, clear and secret fields together: a secret is a {@link Secret}, so that no step shows it by accident. */
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
 * Makes the values of version v + 1 from those of version v. A new secret may be given as text. It is pure: it may run
 * more than once, and talks to nobody. Its parameter may be annotated with what version v held:
 * `(old: { host: string; token: Secret }) => ({ … })`.
 */
export type MigrateStep = Steps['values']

/** Makes the options of version v + 1 from those of version v, as {@link MigrateStep} does the values. */
export type MigrateOptionsStep = Steps['options']
