import type { Log } from '../../ports/log.ts'
import { ignore } from './ignore.ts'
import { onRejection } from './on-rejection.ts'

/** Returns a log that never throws: an error of the host's log, or a promise that it rejects, is dropped. */
export function containedLog(log: Log): Log {
  const contain =
    (level: keyof Log): Log['info'] =>
    (fields, message) => {
      try {
        onRejection(log[level](fields, message), ignore)
      } catch {
        // There is no other place to report it.
      }
    }
  return { info: contain('info'), warn: contain('warn'), error: contain('error') }
}
