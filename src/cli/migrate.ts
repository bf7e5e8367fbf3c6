import { resolve } from 'node:path'
import type { Store } from '../ports/store.ts'
import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { ConfigInvalidError, UsageError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { loadConfig } from './load-config.ts'

export interface MigrateOptions extends CommonOptions {
  /** Whether to list the pending migrations only. Defaults to false. */
  readonly check?: boolean
  /** The file of the backup. Defaults to a name with the last migration, in the working directory. */
  readonly backup?: string
  /** Whether the operator has made a backup. Defaults to false. */
  readonly backedUp?: boolean
}

/** `latchkey migrate`: brings the tables to this version, after a backup. */
export async function migrate(terminal: Terminal, options: MigrateOptions): Promise<Outcome> {
  const { path, config } = await loadConfig(terminal.directory, options.config)
  const { store } = config
  if (store.migrations === undefined) throw new ConfigInvalidError(path, 'This store has no migrations.')
  const { isNew, pending } = await store.migrations()
  if (pending.length === 0) {
    return { exit: EXIT.done, document: { pending, backup: null }, text: 'The tables are up to date.' }
  }
  const list = pending.map((name) => `  ${name}`).join('\n')
  if (options.check === true) {
    return { exit: EXIT.needsUser, document: { pending, backup: null }, text: `Pending:\n${list}` }
  }
  const backup = isNew || options.backedUp === true ? null : await backUp(terminal, store, options, pending)
  await store.open()
  await store.close()
  const saved = backup === null ? '' : `\nThe backup is ${backup}.`
  return { exit: EXIT.done, document: { applied: pending, backup }, text: `Applied:\n${list}${saved}` }
}

/** Saves a copy of the database. @throws UsageError if the store has no backup and the operator has made none */
async function backUp(
  { directory }: Terminal,
  store: Store,
  options: MigrateOptions,
  pending: readonly string[],
): Promise<string> {
  if (store.backup === undefined) {
    const how = 'Back it up with the tools of its database, then run latchkey migrate --backed-up.'
    throw new UsageError(`This store has pending migrations (${pending.join(', ')}) and no backup. ${how}`)
  }
  const file = resolve(directory, options.backup ?? `latchkey-before-${pending.at(-1)}.db`)
  await store.backup(file)
  return file
}
