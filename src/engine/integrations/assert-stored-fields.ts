import type { AnyIntegration } from '../../authoring/integration.ts'
import { IntegrationError } from '../../errors.ts'
import type { Form } from '../../form.ts'

/**
 * Checks that each form leads to complete stored values. Input is not stored, so a form must ask for each field that
 * `stored` does not contain.
 *
 * @throws IntegrationError
 */
export function assertStoredFields(
  { domain, fields, stored, exchange, authorize }: AnyIntegration,
  forms: { readonly fullForm: Form; readonly storedForm: Form; readonly steps: ReadonlyMap<string, Form> },
): void {
  const { fullForm, storedForm, steps } = forms
  const producesValues = exchange !== undefined || authorize !== undefined
  if (stored !== undefined && stored !== fields && !producesValues) {
    throw new IntegrationError(
      domain,
      `Integration "${domain}": stored differs from fields, but there is no exchange. Add one that returns the stored values.`,
    )
  }
  for (const field of fullForm.order) {
    if (fullForm.secrets.has(field) && storedForm.order.includes(field) && !storedForm.secrets.has(field)) {
      throw new IntegrationError(
        domain,
        `Integration "${domain}": the secret field "${field}" would be stored unencrypted. Use secret() for it in stored, too.`,
      )
    }
    for (const [step, { order }] of steps) {
      if (order.includes(field) || storedForm.order.includes(field)) continue
      throw new IntegrationError(
        domain,
        `Integration "${domain}": ${step} does not ask for "${field}", which is not stored either. Add the field to ${step} or to stored.`,
      )
    }
  }
}
