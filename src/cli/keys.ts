import type { RotationProgress } from '../engine/api/keys.ts'
import { columns } from './columns.ts'
import { type CommonOptions, isInteractive, type Outcome, type Terminal } from './command.ts'
import { CancelledError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { loadConfig } from './load-config.ts'
import { type Host, openHost } from './open-host.ts'
import { Screen } from './screen.ts'

/** A line of progress is printed after this number of records. */
const PROGRESS_STEP = 1_000

/** `latchkey keys status`: counts the encrypted values of each key. */
export function keyStatus(terminal: Terminal, options: CommonOptions): Promise<Outcome> {
  return withKeys(terminal, options, async ({ latchkey }) => {
    const status = await latchkey.keys.status()
    const rows = status.keys.map(({ keyId, isCurrent, values }) => [
      keyId,
      isCurrent ? 'encrypts' : 'decrypts',
      `${values} ${values === 1 ? 'value' : 'values'}`,
    ])
    const unreadable = status.unreadable === 0 ? '' : `\n${status.unreadable} rows cannot be read.`
    return { exit: EXIT.done, document: status, text: `${columns(rows)}${unreadable}` }
  })
}

/** `latchkey keys rotate`: adds a key and encrypts all stored values with it. */
export function rotateKeys(terminal: Terminal, options: CommonOptions): Promise<Outcome> {
  return withKeys(terminal, options, async ({ latchkey, config }) => {
    let shown = 0
    const onProgress = ({ checked, changed }: RotationProgress) => {
      if (options.json === true || checked - shown < PROGRESS_STEP) return
      shown = checked
      terminal.errors.write(`Checked ${checked} records, encrypted ${changed} of them.\n`)
    }
    const rotation = await latchkey.keys.rotate({ onProgress, signal: terminal.signal })
    if (terminal.signal.aborted) throw new CancelledError()
    const { keyId, resumed, checked, changed, waiting, failed } = rotation
    const lines = [
      `${resumed ? 'Continued the rotation to' : 'Rotated to'} the key ${keyId}.`,
      `Checked ${checked} records, encrypted ${changed} of them.`,
      ...(waiting === 0 ? [] : [`${waiting} records are in use. Run latchkey keys rotate again.`]),
      ...(failed === 0 ? [] : [`${failed} values cannot be decrypted. Run latchkey doctor.`]),
    ]
    if (waiting + failed === 0) lines.push(next(config.store.keys !== undefined))
    return {
      exit: waiting + failed === 0 ? EXIT.done : EXIT.failed,
      document: rotation,
      text: lines.join('\n'),
    }
  })
}

const next = (isOwn: boolean): string =>
  isOwn
    ? 'After an hour, run latchkey keys prune to remove the old keys.'
    : 'When latchkey keys status shows no value of the old key, remove it from your cipher.'

export interface PruneOptions extends CommonOptions {
  readonly yes?: boolean
}

/** `latchkey keys prune`: removes the keys that decrypt no stored value. */
export function pruneKeys(terminal: Terminal, options: PruneOptions): Promise<Outcome> {
  return withKeys(terminal, options, async ({ latchkey }) => {
    if (options.yes !== true && isInteractive(terminal, options)) {
      const screen = await Screen.open(terminal)
      const question = 'Remove unused keys? Backups from before the rotation need a copy of them.'
      if ((await screen.confirm(question)) !== true) throw new CancelledError()
    }
    const removed = await latchkey.keys.prune()
    const text = removed.length === 0 ? 'No key was removed.' : `Removed ${removed.join(', ')}.`
    return { exit: EXIT.done, document: { removed }, text }
  })
}

/** Calls `work` with Latchkey for all scopes, and stops Latchkey afterwards. */
async function withKeys(
  terminal: Terminal,
  options: CommonOptions,
  work: (host: Host) => Promise<Outcome>,
): Promise<Outcome> {
  const { config } = await loadConfig(terminal.directory, options.config)
  const host = await openHost(config)
  try {
    return await work(host)
  } finally {
    await host.latchkey.stop()
  }
}
