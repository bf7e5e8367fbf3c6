import { ProblemError } from '../../client/index.ts'
import { codeText, type Texts } from './texts.ts'

/** What a failed call says to a person; null where the view says it already. */
export function errorText(texts: Texts, error: unknown): string | null {
  if (error === null || error === undefined) return null
  if (!(error instanceof ProblemError)) return texts.unreachable
  if (error.code === 'FLOW_ENDED') return null
  if (error.code === 'STALE_REVISION') return texts.stale
  return codeText(texts, error.code, error.problem.detail ?? texts.failed)
}
