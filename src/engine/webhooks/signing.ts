import { ConfigurationError } from '../../errors.ts'
import type { Core } from '../kernel/core.ts'
import { openWebhookSecret } from '../secrets/vault.ts'
import { type Receiver, validReplaced } from './receiver-record.ts'

const SECRET_BYTES = 32

/** Returns a new signing secret, as the Standard Webhooks specification writes it. */
export function newSigningSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES))
  return `whsec_${btoa(String.fromCharCode(...bytes))}`
}

/** Loads the library that signs. It is an optional package. @throws ConfigurationError if it is not installed */
export async function loadSigner() {
  try {
    return (await import('standardwebhooks')).Webhook
  } catch (error) {
    throw new ConfigurationError('Webhooks require a package. Run: npm install standardwebhooks', {
      cause: error,
    })
  }
}

/**
 * Returns the headers of an attempt. After a rotation, they have a signature of each valid secret.
 *
 * @throws KeyMissingError, SealBrokenError, ConfigurationError
 */
export async function signedHeaders(
  core: Core,
  { scope, id: webhookId, content }: Receiver,
  { deliveryId, body, now }: { readonly deliveryId: string; readonly body: string; readonly now: number },
): Promise<Record<string, string>> {
  const Webhook = await loadSigner()
  const valid = [content, ...validReplaced(content, now)].map(({ sealed }) => sealed)
  const signatures: string[] = []
  for (const each of valid) {
    const secret = await openWebhookSecret(core, { scope, webhookId }, each)
    signatures.push(new Webhook(secret).sign(deliveryId, new Date(now), body))
  }
  return {
    'content-type': 'application/json',
    'user-agent': 'Latchkey-Webhooks',
    'webhook-id': deliveryId,
    'webhook-timestamp': String(Math.floor(now / 1_000)),
    'webhook-signature': signatures.join(' '),
  }
}
