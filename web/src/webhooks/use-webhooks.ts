import { useCallback, useEffect, useState } from 'react'
import { ProblemError, type WebhookList } from '../../../src/client/index.ts'
import { useSelected } from '../../../src/react/client-state.ts'
import { useAttention, useLatchkey } from '../../../src/react/index.ts'

/** The webhooks of the scope, or the reason why they are missing. */
export type Webhooks = WebhookList | 'loading' | 'forbidden' | 'failed'

/** Reads the webhooks, and again when one needs attention. `reload` reads them after a change. */
export function useWebhooks(): { readonly webhooks: Webhooks; reload(): Promise<void> } {
  const client = useLatchkey()
  const [webhooks, setWebhooks] = useState<Webhooks>('loading')
  const off = useAttention()
    .map(({ webhookId }) => webhookId)
    .join()
  const isLost = useSelected(({ connection }) => connection === 'lost')
  const reload = useCallback(async (): Promise<void> => {
    try {
      setWebhooks(await client.webhooks.list())
    } catch (error) {
      const isForbidden = error instanceof ProblemError && error.status === 403
      setWebhooks((known) => (isForbidden ? 'forbidden' : typeof known === 'string' ? 'failed' : known))
    }
  }, [client])
  // A change whose answer was lost is known when the server responds again.
  useEffect(() => void reload(), [reload, off, isLost])
  return { webhooks, reload }
}
