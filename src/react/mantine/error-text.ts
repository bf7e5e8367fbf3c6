import { NoAnswerError, ProblemError } from '../../client/index.ts'
import type { ComponentTexts } from './use-texts.ts'

/** Whether a call failed because Latchkey does not respond. */
export const isAway = (error: unknown): boolean =>
  error !== null && error !== undefined && !(error instanceof ProblemError)

/** Returns the text for a failed call, or null if the view already shows it. */
export function errorText({ t, codeText }: ComponentTexts, error: unknown): string | null {
  if (error === null || error === undefined) return null
  if (error instanceof NoAnswerError) return t('noAnswer')
  if (!(error instanceof ProblemError)) return t('notResponding')
  if (error.code === 'FLOW_ENDED') return null
  if (error.code === 'STALE_REVISION') return t('stale')
  if (error.problem.outcome === 'unknown') return t('notKnown')
  return codeText(error.code, error.problem.detail ?? t('failed'))
}
