import { useEffect, useState } from 'react'
import type { IntegrationItem } from '../../src/client/index.ts'
import { useClientState, useLatchkey } from '../../src/react/index.ts'

/** What can be linked; null until the server has said so. */
export function useIntegrations(): readonly IntegrationItem[] | null {
  const client = useLatchkey()
  const { connection } = useClientState()
  const [items, setItems] = useState<readonly IntegrationItem[] | null>(null)
  const missing = items === null && connection === 'open'
  useEffect(() => {
    if (missing)
      client.integrations.list().then(
        (list) => setItems(list.items),
        () => {},
      )
  }, [client, missing])
  return items
}
