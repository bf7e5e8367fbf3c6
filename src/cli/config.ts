import type { LatchkeyOptions } from '../engine/api/latchkey.ts'
import type { HandlerOptions } from '../http/access.ts'

/** The options of `latchkey serve`. */
export interface ServeOptions extends Pick<HandlerOptions, 'authorize' | 'basePath' | 'links' | 'publicUrl'> {
  /** TCP port. 0 selects a free port. Defaults to 8124. */
  readonly port?: number
  /**
   * Time between a signal and the end in milliseconds. `GET /health/ready` answers 503 in this time, so that a load
   * balancer sends no new requests. Defaults to 0.
   */
  readonly stopDelay?: number
}

/** The default export of `latchkey.config.ts`: the options of `createLatchkey`, and those of the command line. */
export interface LatchkeyConfig extends LatchkeyOptions {
  /** The scope of all commands. Defaults to `default`. */
  readonly scope?: string
  readonly http?: ServeOptions
}

/**
 * Defines the configuration of the command line. Export it as default from `latchkey.config.ts`.
 *
 * @example
 * ```ts
 * import { defineConfig } from 'latchkey/cli'
 * import { sqliteStore } from 'latchkey/sqlite'
 * import { myHub } from './my-hub.ts'
 *
 * export default defineConfig({
 *   integrations: [myHub],
 *   store: sqliteStore('latchkey.db'),
 * })
 * ```
 */
export function defineConfig(config: LatchkeyConfig): LatchkeyConfig {
  return Object.freeze({ ...config })
}
