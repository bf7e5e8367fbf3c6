import type { LatchkeyOptions } from '../engine/api/latchkey.ts'
import type { HandlerOptions } from '../http/access.ts'

/** How `latchkey serve` serves. */
export interface ServeOptions extends Pick<HandlerOptions, 'authorize' | 'basePath' | 'links' | 'publicUrl'> {
  /** The port (default 8124); 0 picks a free one. */
  readonly port?: number
}

/** What `latchkey.config.ts` exports: the options of `createLatchkey`, and what the command line needs beside them. */
export interface LatchkeyConfig extends LatchkeyOptions {
  /** The tenant that the commands work on; `default` where absent. */
  readonly scope?: string
  readonly http?: ServeOptions
}

/** The default export of `latchkey.config.ts`, with its types. */
export function defineConfig(config: LatchkeyConfig): LatchkeyConfig {
  return Object.freeze({ ...config })
}
