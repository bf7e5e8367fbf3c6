import type { AnyIntegration } from '../../authoring/integration.ts'
import { IntegrationError } from '../../errors.ts'
import type { Form } from '../../form.ts'

/**
 * Finds what would be missing once an entry is there: what a person typed is not kept, so every form has to ask for it
 * again, or `stored` has to hold it.
 *
 * @throws IntegrationError
 */
export function assertStoredFields(
  { domain, fields, stored, exchange, authorize }: AnyIntegration,
  forms: { readonly fullForm: Form; readonly storedForm: Form; readonly steps: ReadonlyMap<string, Form> },
): void {
  const { fullForm, storedForm, steps } = forms
  const makes = exchange !== undefined || authorize !== undefined
  if (stored !== undefined && stored !== fields && !makes) {
    throw new IntegrationError(
      domain,
      `The integration ${domain} keeps something else than its fields, and has no exchange that makes it.`,
    )
  }
  for (const field of fullForm.order) {
    if (fullForm.secrets.has(field) && storedForm.order.includes(field) && !storedForm.secrets.has(field)) {
      throw new IntegrationError(
        domain,
        `The integration ${domain} would keep ${field}, which is a secret field, in the clear: make it a secret of stored as well.`,
      )
    }
    for (const [step, { order }] of steps) {
      if (order.includes(field) || storedForm.order.includes(field)) continue
      throw new IntegrationError(
        domain,
        `The ${step} of the integration ${domain} does not ask for ${field}, which is not kept either: ask for it, or keep it in stored.`,
      )
    }
  }
}
