import { HttpProblem } from './problem.ts'

/**
 * The revision that an If-Match names; null where there is none.
 * @throws HttpProblem where it is not one of our ETags
 */
export function revisionOf(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined) return null
  const digits = /^"(\d{1,15})"$/.exec(ifMatch.trim())?.[1]
  if (digits !== undefined) return Number(digits)
  throw new HttpProblem(400, 'MALFORMED_IF_MATCH', 'If-Match has to be the ETag of the view, in its quotes.')
}
