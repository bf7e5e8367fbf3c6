import { useCallback, useMemo } from 'react'
import type { EntryView } from '../../client/index.ts'
import { useLatchkey } from '../provider.ts'
import { useAction } from '../use-action.ts'
import { useIntegrations } from '../use-integrations.ts'
import { useRepair } from '../use-repair.ts'
import type { ConnectionListProps } from './connection-list-props.ts'
import type { QuickAction, RowControls } from './connection-row.tsx'
import { errorText } from './error-text.ts'
import { useLostAt } from './use-lost-at.ts'
import type { ComponentTexts } from './use-texts.ts'

const hashOf = (entryId: string): string => `#${encodeURIComponent(entryId)}`

/** Returns the parts that all rows of a list share, the same object while nothing of it changes, and the last error. */
export function useRowControls(
  props: ConnectionListProps,
  texts: ComponentTexts,
  say: (message: string) => void,
): { readonly row: RowControls; readonly failure: string | null } {
  const { onRepair, onOpen, onAction, onSelect, menu, hrefOf = hashOf } = props
  const client = useLatchkey()
  const { open, error: repairError } = useRepair()
  const { run, error } = useAction()
  const integrations = useIntegrations()
  const lostAt = useLostAt()
  const act = useCallback(
    (action: QuickAction, entry: EntryView): void => {
      say(lostAt === null ? '' : texts.t('notResponding'))
      if (lostAt !== null) return
      const { entryId } = entry
      if (action !== 'repair') {
        if (onAction !== undefined) onAction(action, entry)
        else void run(entryId, () => client.entries[action](entryId))
        return
      }
      const item = client.getState().attention.get(entryId)
      if (item !== undefined) void open(item).then((flowId) => flowId !== null && onRepair?.(flowId))
    },
    [client, lostAt, open, onRepair, onAction, run, say, texts],
  )
  const hasRepair = onRepair !== undefined
  const row = useMemo<RowControls>(() => {
    const icons = new Map(integrations?.map(({ domain, icon }) => [domain, icon]))
    const iconOf = (domain: string) => icons.get(domain)
    return { texts, lostAt, hasRepair, hrefOf, iconOf, onOpen, onAction: act, onSelect, menu }
  }, [texts, lostAt, hasRepair, hrefOf, integrations, onOpen, act, onSelect, menu])
  return { row, failure: errorText(texts, repairError) ?? errorText(texts, error) }
}
