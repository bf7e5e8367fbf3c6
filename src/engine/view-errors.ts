import type { FormErrors } from '../../machines/config-flow-setup.ts'
import type { FormView, Wordless } from '../view.ts'

/** The errors of a step as they stand now. */
export function viewErrors(errors: FormErrors, now: number): Wordless<FormView>['errors'] {
  const shown: Record<string, { code: string; retryAfter?: number }> = {}
  for (const [pointer, { code, until }] of Object.entries(errors)) {
    const retryAfter = until === undefined ? {} : { retryAfter: Math.max(0, Math.ceil((until - now) / 1000)) }
    shown[pointer] = { code, ...retryAfter }
  }
  return shown
}
