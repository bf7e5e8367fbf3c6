import type { AnyIntegration } from '../authoring/integration.ts'
import { isSecretField, Secret } from '../authoring/secret.ts'
import type { EnteredValues } from './integration-world.ts'

/** An integration whose connections are counted, and whose secrets are remembered: those that tests look for. */
export class WatchedIntegration {
  readonly integration: AnyIntegration
  /** Every secret that was entered or kept, in clear. */
  readonly secrets = new Set<string>()
  /** Connections that `connect` handed over and nobody has disposed. */
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

  /** Remembers the secrets of what is about to be submitted. */
  entered(values: EnteredValues): void {
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
