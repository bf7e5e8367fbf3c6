import type { AnyIntegration } from '../../authoring/integration.ts'
import { IntegrationError } from '../../errors.ts'
import { type Form, makeForm } from '../../form.ts'

/** Returns the step of the options flow with its form, or an empty list without options. @throws IntegrationError */
export function compileOptions({ domain, options }: AnyIntegration): (readonly [step: string, form: Form])[] {
  if (options === undefined) return []
  const form = makeForm(domain, options.shape)
  if (form.secrets.size > 0) {
    throw new IntegrationError(
      domain,
      `Integration "${domain}": options contain a secret. Use a field for it: options are stored unencrypted and shown to users.`,
    )
  }
  if (!options.safeParse({}).success) {
    throw new IntegrationError(
      domain,
      `Integration "${domain}": options must be valid without input. Add a default to each option, or make it optional.`,
    )
  }
  return [['init', form]]
}
