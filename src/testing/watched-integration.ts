import type { AnyIntegration } from '../authoring/integration.ts'
import { isSecretField, secretsWithin } from '../authoring/secret.ts'
import type { EnteredValues } from './integration-world.ts'

/** Wraps an integration. Counts its open connections and collects its secrets, which the tests search for. */
export class WatchedIntegration {
  readonly integration: AnyIntegration
  /** All submitted and stored secrets, unencrypted. */
  readonly secrets = new Set<string>()
  /** Number of connections that `connect` returned and that are not disposed. */
  open = 0
  readonly secretFields: ReadonlySet<string>
  /** The values of the last `connect` call. */
  stored: object = {}
  /** The number of `connect` calls. */
  connects = 0
  /** The number of calls that inform the service of a removed entry, repetitions included. */
  informed = 0
  /** The errors of these calls. */
  readonly removalErrors: unknown[] = []

  constructor(integration: AnyIntegration) {
    this.secretFields = secretFieldsOf(integration)
    const { onRemove } = integration
    this.integration = {
      ...integration,
      ...(onRemove !== undefined && {
        onRemove: (stored: never, context: never) =>
          this.#informTwice(() => onRemove.call(integration, stored, context)),
      }),
      connect: async (values: never, context: never) => {
        // The handles that `connect` receives are secrets, also those that the integration made itself.
        this.#keep([values, context])
        this.stored = values
        this.connects++
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
      if (this.secretFields.has(field) && typeof value === 'string') this.secrets.add(value)
    }
  }

  /** Returns the expiration time of the last stored token; null if it does not expire, or if nothing refreshes it. */
  expiresAt(): number | null {
    const { integration } = this
    const parts = [...Object.values(integration.methods ?? {}), integration]
    const { expiresAt } = parts.find((part) => part.refresh !== undefined) ?? {}
    return expiresAt?.(this.stored as never) ?? null
  }

  /** Latchkey can call `onRemove` again after a success, if it could not save that. */
  async #informTwice(inform: () => Promise<void>): Promise<void> {
    for (const _ of ['first', 'again']) {
      this.informed++
      try {
        await inform()
      } catch (error) {
        this.removalErrors.push(error)
        throw error
      }
    }
  }

  #keep(values: unknown): void {
    for (const secret of secretsWithin(values)) this.secrets.add(secret.reveal())
  }
}

/**
 * Returns the fields of a rejected login that differ from those of an accepted one. Empty if one of them is a secret:
 * that one decides whether the service accepts the login.
 */
export function clearCredentials(
  integration: AnyIntegration,
  { good, bad }: { readonly good: EnteredValues; readonly bad: EnteredValues | null },
): readonly string[] {
  if (bad === null) return []
  const forms = [integration.fields, ...Object.values(integration.methods ?? {}).map(({ fields }) => fields)]
  const known = new Set(forms.flatMap((form) => Object.keys(form?.shape ?? {})))
  const differing = Object.keys(bad).filter((field) => known.has(field) && bad[field] !== good[field])
  const secrets = secretFieldsOf(integration)
  return differing.some((field) => secrets.has(field)) ? [] : differing
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
