/**
 * The position in a list of entries that need attention: after an entry that needs attention (null: before the first),
 * or after one whose credential expires at a time.
 */
export type AttentionCursor =
  | { readonly part: 'needs'; readonly entryId: string | null }
  | { readonly part: 'expiring'; readonly expiresAt: number; readonly entryId: string }

/** The position before the first entry whose credential expires. */
export const FIRST_EXPIRING = {
  part: 'expiring',
  expiresAt: Number.MIN_SAFE_INTEGER,
  entryId: '',
} as const

/** Returns a cursor as the `next` of a page. */
export const formatCursor = (cursor: AttentionCursor): string =>
  cursor.part === 'needs' ? `n${cursor.entryId ?? ''}` : `e${cursor.expiresAt} ${cursor.entryId}`

/** Parses the `after` of a query. A text that no store has returned is the position before the first entry. */
export function parseCursor(after: string | undefined): AttentionCursor {
  const [, time, entryId] = /^e(-?\d{1,16}) (.*)$/su.exec(after ?? '') ?? []
  if (time !== undefined && entryId !== undefined)
    return { part: 'expiring', expiresAt: Number(time), entryId }
  return { part: 'needs', entryId: after?.startsWith('n') === true ? after.slice(1) : null }
}
