import type { AnyIntegration } from '../authoring/integration.ts'
import { isSecretField, Secret } from '../authoring/secret.ts'
import type { EnteredValues } from './integration-world.ts'

/** Wraps an integration. Counts its open connections and collects its secrets, which the tests search for. */
export class WatchedIntegration {
  readonly integration: AnyIntegration
  /** All submitted and stored secrets, unencrypted. */
  readonly secrets = new Set<string>()
  /** Number of connections that `connect` returned and that are not disposed. */
  open = 0
  readonly #secretFields: ReadonlySet<string>

  constructor(integration: AnyIntegration) {
    this.#secretFields = secretFieldsOf(integration)
    this.integration = {
      ...integration,
      connect: async (values: never, context: never) => {
        this.#keep(values)
        const connected = await integration.connect(values, context)
        if ('challenge' in connected) return connected
        this.open++
        return {
          ...connected,
          dispose: async () => {
            this.open--
            await connected.dispose?.()
          },
        }
      },
    }
  }

  /** Collects the secrets of input before it is submitted. */
  collectSecrets(values: EnteredValues): void {
    for (const [field, value] of Object.entries(values)) {
      if (this.#secretFields.has(field) && typeof value === 'string') this.secrets.add(value)
    }
  }

  #keep(values: object): void {
    for (const value of Object.values(values)) {
      if (value instanceof Secret) this.secrets.add(value.reveal())
    }
  }
}

function secretFieldsOf({
  fields,
  methods = {},
  challenges = {},
  subentries = {},
}: AnyIntegration): ReadonlySet<string> {
  const parts = [...Object.values(methods), ...Object.values(subentries)]
  const forms = [fields, ...parts.map((part) => part.fields), ...Object.values(challenges)]
  return new Set(
    forms.flatMap((form) =>
      Object.entries(form?.shape ?? {}).flatMap(([field, type]) => (isSecretField(type) ? [field] : [])),
    ),
  )
}
