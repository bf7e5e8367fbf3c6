'use client'
import { Button, Text, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks'
import { type KeyboardEvent, useDeferredValue, useMemo, useRef, useState } from 'react'
import { useSelected } from '../client-state.ts'
import { useLanguage } from '../provider.ts'
import { useCounts, useEntryIds } from '../use-entries.ts'
import type { ConnectionListProps } from './connection-list-props.ts'
import { ConnectionWindow } from './connection-window.tsx'
import { ListSkeleton } from './list-skeleton.tsx'
import { listStyles } from './list-styles.ts'
import { type ConnectionFilter, ListTools, noFilter } from './list-tools.tsx'
import { Styles } from './styles.tsx'
import { useRowControls } from './use-row-controls.ts'
import { hasSeveralServices, useRowGroups } from './use-row-groups.tsx'
import { useShortcuts } from './use-shortcuts.ts'
import { useTexts } from './use-texts.ts'

/** From this number of connections, the search and the filters are shown. */
const SEARCHED = 5

/**
 * Lists the connections with their states, by service or state, with a search, filters and the actions of each. Only the
 * rows in view are in the document, and the change of one connection renders one row.
 *
 * @example
 * ```tsx
 * import { ConnectionList, FlowDialog } from 'latchkey/react/mantine'
 * import { useState } from 'react'
 *
 * export function Page() {
 *   const [flowId, setFlowId] = useState<string | null>(null)
 *   return (
 *     <>
 *       <ConnectionList onRepair={setFlowId} onOpen={(entryId) => location.assign(`/connections/${entryId}`)} />
 *       <FlowDialog flowId={flowId} onClose={() => setFlowId(null)} />
 *     </>
 *   )
 * }
 * ```
 */
export function ConnectionList(props: ConnectionListProps) {
  const { onFilter, onSelect, selected, size, shortcuts = true } = props
  const texts = useTexts(props.texts)
  const { t } = texts
  const language = useLanguage()
  const isPhone = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const [own, setOwn] = useState(noFilter)
  const filter = props.filter ?? own
  const change = (part: Partial<ConnectionFilter>): void => (onFilter ?? setOwn)({ ...filter, ...part })
  const [message, setMessage] = useState('')
  const search = useRef<HTMLInputElement>(null)
  const box = useRef<HTMLDivElement>(null)

  const hasSeveral = useSelected(hasSeveralServices)
  const isFailed = useSelected(({ connection, entries }) => connection === 'lost' && entries.size === 0)
  const grouping = isPhone ? 'none' : (filter.group ?? (hasSeveral ? 'integration' : 'none'))
  const deferred = useDeferredValue(filter)
  const { q, state, domain } = deferred
  const counts = useCounts()
  const found = useEntryIds({
    ...(q !== '' && { q }),
    ...(state !== 'all' && { state }),
    ...(domain !== null && { domain }),
    ...(grouping !== 'none' && { group: grouping === 'integration' ? 'service' : 'state' }),
  })
  const isFiltered = q.trim() !== '' || state !== 'all' || domain !== null
  const groups = useRowGroups(found, grouping, isFiltered, texts)
  const total = counts?.all ?? 0
  const shown = found.total ?? found.ids.length
  const number = useMemo(() => new Intl.NumberFormat(language), [language])
  const results = t('results', { shown: number.format(shown), total: number.format(total) })
  // So late that screen readers do not announce the result of each key.
  const [status] = useDebouncedValue(isFiltered ? results : '', 500)

  const controls = useRowControls(props, texts, setMessage)
  const heights = useMemo(
    () => ({ row: isPhone ? 68 : size === 'xs' ? 44 : 60, head: size === 'xs' ? 32 : 42 }),
    [isPhone, size],
  )
  useShortcuts(shortcuts, (key) => {
    const target =
      key === '/'
        ? search.current
        : key === 'j' || key === 'k'
          ? box.current?.querySelector<HTMLElement>('.lkl-title[tabindex="0"]')
          : null
    target?.focus()
    return target != null
  })
  const onKey = (event: KeyboardEvent, entryId: string): void => {
    if (!shortcuts) return
    const row = (event.target as HTMLElement).closest('[data-entry]')
    if (event.key === 'r') row?.querySelector<HTMLElement>('[data-action=repair]')?.click()
    else if (event.key === '.') row?.querySelector<HTMLElement>('[aria-haspopup=menu]')?.click()
    else if (event.key === 'x') onSelect?.(entryId)
    else return
    event.preventDefault()
  }

  return (
    <div
      // The list replaces its skeleton, which does not move below the panels that appear with it.
      key={counts === null ? 'loading' : 'loaded'}
      ref={box}
      className={`lkl-list${size === 'xs' ? ' lkl-compact' : ''}${(selected?.size ?? 0) > 0 ? ' lkl-selecting' : ''}`}
    >
      <Styles name="list" css={listStyles} />
      <VisuallyHidden role="status">{message === '' ? status : message}</VisuallyHidden>
      {controls.failure !== null && (
        <Text size="sm" c="var(--lk-bad)" role="alert" mb="xs">
          {controls.failure}
        </Text>
      )}
      {total === 0 ? (
        isFailed ? null : counts === null ? (
          <ListSkeleton label={t('loading')} />
        ) : (
          (props.empty ?? <div className="lkl-card lkl-none">{t('noEntries')}</div>)
        )
      ) : (
        <>
          {(total >= SEARCHED || isFiltered) && (
            <ListTools
              filter={filter}
              onFilter={change}
              counts={counts}
              grouping={grouping}
              search={search}
              hasSearch={!isPhone || props.search !== false || filter.q !== ''}
              hasShortcuts={shortcuts}
              language={language}
              texts={texts}
            />
          )}
          {shown === 0 && found.loading ? (
            <ListSkeleton label={t('loading')} />
          ) : shown === 0 ? (
            <div className="lkl-card lkl-none">
              <Text>{q.trim() === '' ? t('noneOfState') : t('noMatch', { query: q.trim() })}</Text>
              <Button variant="default" onClick={() => change({ ...noFilter, group: filter.group })}>
                {t('clear')}
              </Button>
            </div>
          ) : (
            <ConnectionWindow
              groups={groups}
              heights={heights}
              isPhone={isPhone}
              label={t('connections')}
              selected={selected}
              controls={controls.row}
              onKey={onKey}
              onEnd={found.more}
              hasShortcuts={shortcuts}
            />
          )}
          {isFiltered && shown > 0 && (
            <div className="lkl-foot">
              <span>{results}</span>
              <Button
                variant="subtle"
                size="compact-sm"
                onClick={() => change({ ...noFilter, group: filter.group })}
              >
                {t('clear')}
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  )
}
