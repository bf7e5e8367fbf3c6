import { useEffect, useState } from 'react'
import type { IntegrationItem } from '../../src/client/index.ts'
import { useClientState, useLatchkey } from '../../src/react/index.ts'
import { useLanguage } from './language.tsx'

/** The integrations, or null until the server has answered. */
export function useIntegrations(): readonly IntegrationItem[] | null {
  const client = useLatchkey()
  const { connection } = useClientState()
  const { language } = useLanguage()
  const [known, setKnown] = useState<{ language: string; items: readonly IntegrationItem[] } | null>(null)
  const missing = known?.language !== language && connection === 'open'
  useEffect(() => {
    if (missing)
      client.integrations.list().then(
        ({ items }) => setKnown({ language, items }),
        () => {},
      )
  }, [client, language, missing])
  return known?.items ?? null
}
