import type { Latchkey, ScopedLatchkey } from '../engine/api/latchkey.ts'
import { createLatchkey } from '../engine/create-latchkey.ts'
import type { CommonOptions, Terminal } from './command.ts'
import type { LatchkeyConfig } from './config.ts'
import { CancelledError, ConfigInvalidError } from './errors.ts'
import { loadConfig } from './load-config.ts'
import { terminalLanguage } from './terminal-language.ts'

/** The engine as a command uses it. */
export interface Host {
  readonly config: LatchkeyConfig
  readonly latchkey: Latchkey
  /** The calls of the configured scope. */
  readonly scoped: ScopedLatchkey
}

/** Who acts, in the history. */
export const BY = { principal: 'cli' } as const

/** Makes the engine that a configuration describes. */
export async function openHost(config: LatchkeyConfig, language: readonly string[] = []): Promise<Host> {
  const { scope = 'default', http: _, ...options } = config
  const latchkey = await createLatchkey(options)
  return { config, latchkey, scoped: latchkey.scope(scope, { language }) }
}

/** Does some work on the engine of the configuration, and lets go of it whatever comes. */
export async function withHost<Result>(
  terminal: Terminal,
  options: CommonOptions,
  work: (host: Host) => Promise<Result>,
): Promise<Result> {
  const { path, config } = await loadConfig(terminal.directory, options.config)
  if (config.scopes === true && config.scope === undefined) {
    throw new ConfigInvalidError(
      path,
      `The configuration says scopes: true. Add the scope to work on, for example scope: 'acme'.`,
    )
  }
  const host = await openHost(config, terminalLanguage(terminal.env))
  try {
    return await work(host)
  } finally {
    await host.latchkey.stop()
  }
}

/** Waits for work until a person calls it off; stopping the engine then ends it. @throws CancelledError */
export async function orCancelled<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const cancelled = new Promise<never>((_, reject) => {
    const stop = () => reject(new CancelledError())
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([work, cancelled])
}
