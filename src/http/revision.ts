import { HttpProblem } from './problem.ts'

/**
 * Returns the revision in an If-Match header, or `null` without one.
 *
 * @throws HttpProblem if it is not an ETag of Latchkey
 */
export function revisionOf(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined) return null
  const digits = /^"(\d{1,15})"$/.exec(ifMatch.trim())?.[1]
  if (digits !== undefined) return Number(digits)
  throw new HttpProblem(
    400,
    'MALFORMED_IF_MATCH',
    'Invalid If-Match. Use the ETag of the view, including its quotes.',
  )
}

/** Returns the revision in a required If-Match header. @throws HttpProblem if it is missing or invalid */
export function requiredRevision(ifMatch: string | undefined): number {
  const revision = revisionOf(ifMatch)
  if (revision !== null) return revision
  throw new HttpProblem(
    428,
    'MISSING_IF_MATCH',
    'Missing If-Match. Send the ETag of the view that the user has filled in.',
  )
}
