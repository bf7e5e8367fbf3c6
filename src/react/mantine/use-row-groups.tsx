import { useMemo } from 'react'
import type { ClientState } from '../../client/client-state.ts'
import { useLanguage, useLatchkey } from '../provider.ts'
import type { EntryIds } from '../use-entries.ts'
import { useIntegrations } from '../use-integrations.ts'
import type { RowGroup } from './connection-window.tsx'
import { isState, stateTexts } from './list-tools.tsx'
import { ServiceIcon } from './service-icon.tsx'
import type { ComponentTexts } from './use-texts.ts'

/** Whether a client has entries of several integrations. */
export function hasSeveralServices({ entries }: ClientState): boolean {
  let first: string | undefined
  for (const { domain } of entries.values()) {
    first ??= domain
    if (domain !== first) return true
  }
  return false
}

/** Returns the rows of a list with their heads. A filtered list shows how many rows of each group it has. */
export function useRowGroups(
  { ids, groups }: EntryIds,
  grouping: 'integration' | 'state' | 'none',
  isFiltered: boolean,
  { t }: ComponentTexts,
): readonly RowGroup[] {
  const client = useLatchkey()
  const language = useLanguage()
  const integrations = useIntegrations()
  return useMemo(() => {
    // What the server finds has no groups.
    if (grouping === 'none' || groups.length === 0)
      return ids.length === 0 ? [] : [{ key: '', ids, head: null }]
    const { entries } = client.getState()
    const number = new Intl.NumberFormat(language)
    const totals = new Map<string, number>()
    if (isFiltered && grouping === 'integration')
      for (const { domain } of entries.values()) totals.set(domain, (totals.get(domain) ?? 0) + 1)
    return groups.map(({ key, ids: own }) => {
      const shown = number.format(own.length)
      const total = totals.get(key)
      const count = total === undefined ? shown : t('shownOf', { shown, total: number.format(total) })
      if (grouping === 'state')
        return { key, ids: own, head: { title: isState(key) ? t(stateTexts[key]) : key, count, icon: null } }
      const service = entries.get(own[0] ?? '')?.service ?? key
      const icon = integrations?.find(({ domain }) => domain === key)?.icon
      return {
        key,
        ids: own,
        head: {
          title: service,
          count,
          icon: <ServiceIcon domain={key} service={service} icon={icon} size={24} />,
        },
      }
    })
  }, [ids, groups, grouping, isFiltered, client, language, integrations, t])
}
