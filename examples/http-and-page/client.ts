import { createClient, type LatchkeyClient, ProblemError } from '../../src/client/index.ts'

export function watch(url: string, token: string, show: (titles: string[]) => void) {
  // #region subscribe
  const client = createClient({ url, token: () => token })
  const stop = client.subscribe(() => {
    const { attention } = client.getState()
    show([...attention.values()].map(({ title = '' }) => title))
  })
  // #endregion
  return { client, stop }
}

export async function repair(client: LatchkeyClient, entryId: string, apiToken: string): Promise<string> {
  // #region repair
  try {
    const form = await client.entries.reauth(entryId)
    const view = await client.flows.submit(form, { apiToken })
    return view.type === 'abort' ? view.reason : 'Try again.'
  } catch (error) {
    if (error instanceof ProblemError) return error.code
    throw error
  }
  // #endregion
}
