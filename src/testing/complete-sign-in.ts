import type { Latchkey } from '../engine/api/latchkey.ts'
import type { ExternalView, View } from '../view.ts'

/**
 * Completes a sign-in in a browser: opens the service's page, calls `atService`, and returns. @returns the view after
 * that
 */
export async function completeSignIn(
  { flows, signIns }: Latchkey,
  { flowId, revision, domain }: ExternalView,
  atService: (address: string) => Promise<string>,
): Promise<View> {
  const redirectUri = `http://127.0.0.1/oauth/callback/${domain}`
  const { view, browser } = await flows.authorize(flowId, { revision, redirectUri })
  if (browser === null) return view
  const address = await signIns.redirect(flowId, browser)
  const query = new URL(await atService(address ?? '')).searchParams
  await signIns.finish({ domain, query, browserOf: () => browser })
  return flows.get(flowId)
}
