import type { AnyIntegration } from '../../authoring/integration.ts'
import { IntegrationError } from '../../errors.ts'
import { type Form, makeForm } from '../../form.ts'

/** The step of an integration's options, with its form; none where it has no options. @throws IntegrationError */
export function compileOptions({ domain, options }: AnyIntegration): (readonly [step: string, form: Form])[] {
  if (options === undefined) return []
  const form = makeForm(domain, options.shape)
  if (form.secrets.size > 0) {
    throw new IntegrationError(
      domain,
      `The options of the integration ${domain} hold a secret. Secrets are fields: options are kept and shown in clear.`,
    )
  }
  if (!options.safeParse({}).success) {
    throw new IntegrationError(
      domain,
      `The options of the integration ${domain} have no value to begin with. Give each a default, or make it optional.`,
    )
  }
  return [['init', form]]
}
