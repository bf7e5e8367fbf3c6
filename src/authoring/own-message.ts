import * as z from 'zod'

/** An issue of zod before it is completed, with the schema or check that has found it. */
export interface RawIssue {
  readonly message?: string | undefined
  readonly inst?: unknown
}

/** Returns the text that an author has given a schema, a check or an issue; null without one. */
export function ownMessage(issue: RawIssue): string | null {
  if (issue.inst === undefined) return null
  const given = issue.message ?? errorOf(issue.inst)?.(issue)
  if (typeof given === 'string') return given
  const text = typeof given === 'object' && given !== null && 'message' in given ? given.message : null
  return typeof text === 'string' ? text : null
}

/** Whether an author has given a text to a schema or to one of its parts. */
export const hasOwnMessage = (schema: z.core.$ZodType): boolean => within(schema, new Set())

function within(part: unknown, seen: Set<unknown>): boolean {
  if (typeof part !== 'object' || part === null || seen.has(part)) return false
  seen.add(part)
  if (errorOf(part) !== null) return true
  if (part instanceof z.core.$ZodType || part instanceof z.core.$ZodCheck)
    return Object.values(part._zod.def).some((child) => within(child, seen))
  return Array.isArray(part) && part.some((child) => within(child, seen))
}

/** Returns the function that makes the text of a schema or a check; null without one. */
function errorOf(part: unknown): ((issue: RawIssue) => unknown) | null {
  if (!(part instanceof z.core.$ZodType || part instanceof z.core.$ZodCheck)) return null
  const { error } = part._zod.def as { error?: unknown }
  return typeof error === 'function' ? (issue) => error(issue) as unknown : null
}
