import { resolve } from 'node:path'
import type { Store } from '../ports/store.ts'
import { type CommonOptions, isInteractive, type Outcome, type Terminal } from './command.ts'
import type { LatchkeyConfig } from './config.ts'
import { CancelledError, ConfigInvalidError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { loadConfig } from './load-config.ts'
import { openHost } from './open-host.ts'
import { Screen } from './screen.ts'

/** `latchkey backup`: copies the database to a new file, also while other processes use it. */
export async function backup(terminal: Terminal, options: CommonOptions, name: string): Promise<Outcome> {
  const { path, config } = await loadConfig(terminal.directory, options.config)
  const file = resolve(terminal.directory, name)
  await supported(path, config.store, 'backup')(file)
  const text = `Saved to ${file}. It does not contain the key. Store a copy of the key in another place.`
  return { exit: EXIT.done, document: { file }, text }
}

export interface RestoreOptions extends CommonOptions {
  readonly yes?: boolean
}

/** `latchkey restore`: replaces the database by a backup. Renames the old files. */
export async function restore(terminal: Terminal, options: RestoreOptions, name: string): Promise<Outcome> {
  const { path, config } = await loadConfig(terminal.directory, options.config)
  const file = resolve(terminal.directory, name)
  const restoreFrom = supported(path, config.store, 'restore')
  if (options.yes !== true && isInteractive(terminal, options)) {
    const screen = await Screen.open(terminal)
    if ((await screen.confirm(`Replace the database by ${file}?`)) !== true) throw new CancelledError()
  }
  const { replaced } = await restoreFrom(file, (store) => open({ ...config, store }))
  const kept = replaced === null ? '' : ` The old database is now ${replaced}.`
  const text = `Restored ${file}.${kept} Run latchkey doctor: tokens that were refreshed since may not work.`
  return { exit: EXIT.done, document: { file, replaced }, text }
}

/** Opens the backup as a host does, which checks its tables and its key. */
async function open(config: LatchkeyConfig): Promise<void> {
  const { latchkey } = await openHost(config)
  await latchkey.stop()
}

/** Returns a method of the store. @throws ConfigInvalidError if the store does not have it */
function supported<Name extends 'backup' | 'restore'>(
  path: string,
  store: Store,
  name: Name,
): NonNullable<Store[Name]> {
  const method = store[name]
  if (method === undefined)
    throw new ConfigInvalidError(path, `This store has no ${name}. Use the tools of its database.`)
  return method.bind(store) as NonNullable<Store[Name]>
}
