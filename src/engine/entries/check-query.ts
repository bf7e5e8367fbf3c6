import { InvalidInputError } from '../../errors.ts'
import type { EntryQuery } from '../api/entries.ts'

/** The longest search. */
const MAX_LENGTH = 200

const STATES: ReadonlySet<unknown> = new Set(['attention', 'offline', 'connected', 'disabled'])

/** Returns the query of a list. @throws InvalidInputError if `q` or `state` is not valid */
export function checkQuery<Query extends EntryQuery>(query: Query): Query {
  const { q, state } = query
  if (q !== undefined && (typeof q !== 'string' || q.length > MAX_LENGTH))
    throw new InvalidInputError(`Invalid q. Use a text of at most ${MAX_LENGTH} characters.`)
  if (state !== undefined && !STATES.has(state))
    throw new InvalidInputError('Invalid state. Use attention, offline, connected or disabled.')
  return query
}
