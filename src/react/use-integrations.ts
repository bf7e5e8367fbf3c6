'use client'
import { useEffect } from 'react'
import type { ClientState } from '../client/index.ts'
import { useSelected } from './client-state.ts'
import { useLatchkey } from './provider.ts'

/**
 * The integrations for new entries. Null until they are loaded. All components share one request per language, which is
 * repeated until it succeeds.
 *
 * @example
 * ```tsx
 * import { useIntegrations } from 'latchkey/react'
 *
 * export const Services = () => useIntegrations()?.map(({ domain, title }) => <p key={domain}>{title}</p>)
 * ```
 */
export function useIntegrations(): ClientState['integrations'] {
  const { integrations } = useLatchkey()
  useEffect(() => integrations.watch(), [integrations])
  return useSelected((state) => state.integrations)
}
