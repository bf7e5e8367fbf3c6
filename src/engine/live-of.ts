import type { Connection } from '../../machines/draft.ts'
import { LiveConnection } from './connection.ts'

/** What a machine's opaque connection holds here. */
export function liveOf(connection: Connection | null): LiveConnection {
  const live = connection?.reveal()
  if (!(live instanceof LiveConnection))
    throw new TypeError('There is no connection that this engine has made.')
  return live
}
