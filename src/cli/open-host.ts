import type { Latchkey, ScopedLatchkey } from '../engine/api/latchkey.ts'
import { createLatchkey } from '../engine/create-latchkey.ts'
import type { CommonOptions, Terminal } from './command.ts'
import type { LatchkeyConfig } from './config.ts'
import { CancelledError, ConfigInvalidError } from './errors.ts'
import { loadConfig } from './load-config.ts'
import { terminalLanguage } from './terminal-language.ts'

/** Latchkey with the configuration of a command. */
export interface Host {
  readonly config: LatchkeyConfig
  readonly latchkey: Latchkey
  /** The calls of the configured scope. */
  readonly scoped: ScopedLatchkey
}

/** The principal of all commands. */
export const BY = { principal: 'cli' } as const

interface OpenOptions {
  /** The preferred languages of texts. */
  readonly language?: readonly string[]
  /** Whether `start` connects all entries, also if the configuration connects them at their first call. */
  readonly connect?: boolean | undefined
}

/** Creates Latchkey from a configuration. */
export async function openHost(
  config: LatchkeyConfig,
  { language = [], connect }: OpenOptions = {},
): Promise<Host> {
  const { scope = 'default', http: _, ...options } = config
  const latchkey = await createLatchkey(connect === true ? { ...options, connect: 'eager' } : options)
  return { config, latchkey, scoped: latchkey.scope(scope, { language }) }
}

/** Calls `work` with Latchkey, and stops Latchkey afterwards. */
export async function withHost<Result>(
  terminal: Terminal,
  options: CommonOptions & { readonly connect?: boolean },
  work: (host: Host) => Promise<Result>,
): Promise<Result> {
  const { path, config } = await loadConfig(terminal.directory, options.config)
  if (config.scopes === true && config.scope === undefined) {
    throw new ConfigInvalidError(
      path,
      `Missing scope. With scopes: true, the configuration must name the scope of the commands, for example scope: 'acme'.`,
    )
  }
  const host = await openHost(config, {
    language: terminalLanguage(terminal.env),
    connect: options.connect,
  })
  try {
    return await work(host)
  } finally {
    await host.latchkey.stop()
  }
}

/** Waits for work until the user cancels it. Stopping Latchkey then ends the work. @throws CancelledError */
export async function orCancelled<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const cancelled = new Promise<never>((_, reject) => {
    const stop = () => reject(new CancelledError())
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([work, cancelled])
}
