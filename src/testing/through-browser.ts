import type { Latchkey } from '../engine/api/latchkey.ts'
import type { ExternalView, View } from '../view.ts'

/** Goes with a browser to the service's page, whatever happens there, and back. @returns how the flow stands then */
export async function throughBrowser(
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
