import type { Connection } from '../../machines/draft.ts'
import { LiveConnection } from './connection.ts'

/** What a machine's opaque connection holds here. */
export function liveOf(connection: Connection): LiveConnection {
  const live = connection.reveal()
  if (!(live instanceof LiveConnection)) throw new TypeError('The connection was not made by this engine.')
  return live
}
