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

/** The revision that If-Match has to name. @throws HttpProblem */
export function neededRevision(ifMatch: string | undefined): number {
  const revision = revisionOf(ifMatch)
  if (revision !== null) return revision
  throw new HttpProblem(
    428,
    'MISSING_IF_MATCH',
    'Say with If-Match which revision was filled in: it is the ETag of the view.',
  )
}
