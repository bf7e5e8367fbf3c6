import { Webhook } from 'standardwebhooks'
import type { WebhookPayload } from '../../src/index.ts'

// #region receive
/** Answers a request of Latchkey. `seen` has the ids of the events that were handled. */
export async function receive(
  request: Request,
  { secret, seen, handle }: { secret: string; seen: Set<string>; handle(event: WebhookPayload): void },
): Promise<Response> {
  const body = await request.text()
  const headers = Object.fromEntries(request.headers)
  try {
    new Webhook(secret).verify(body, headers)
  } catch {
    return new Response(null, { status: 401 })
  }
  const id = String(headers['webhook-id'])
  if (!seen.has(id)) handle(JSON.parse(body))
  seen.add(id)
  return new Response(null, { status: 204 })
}
// #endregion
