import { CloseButton, NativeSelect, TextInput } from '@mantine/core'
import { type KeyboardEvent, type ReactNode, type RefObject, useRef, useState } from 'react'
import type { EntryCounts } from '../../client/index.ts'
import type { EntryFilterState } from '../index.ts'
import { Icon } from './icon.tsx'
import type { ComponentTexts } from './use-texts.ts'

/** Selects and groups the connections of a list. */
export interface ConnectionFilter {
  /** Words that must all be part of the name, service, account, address or an id. */
  readonly q: string
  readonly state: 'all' | EntryFilterState
  /** The integration of the connections, or null for all. */
  readonly domain: string | null
  /** Null groups by integration if there are several. */
  readonly group: 'integration' | 'state' | 'none' | null
}

/** The filter that selects all connections. */
export const noFilter: ConnectionFilter = { q: '', state: 'all', domain: null, group: null }

/** The texts of the states. */
export const stateTexts = {
  all: 'filterAll',
  attention: 'filterAttention',
  offline: 'filterOffline',
  connected: 'filterConnected',
  disabled: 'filterDisabled',
} as const

type Shown = keyof typeof stateTexts

/** Whether a text names a state of the filter. */
export const isState = (key: string): key is Shown => Object.hasOwn(stateTexts, key)

/** The search, the filter by state with the number of connections of each, and the grouping. */
export function ListTools(props: {
  readonly filter: ConnectionFilter
  readonly onFilter: (change: Partial<ConnectionFilter>) => void
  readonly counts: EntryCounts | null
  /** The grouping that applies. */
  readonly grouping: 'integration' | 'state' | 'none'
  readonly search: RefObject<HTMLInputElement | null>
  /** Whether the search is shown, on a phone. */
  readonly hasSearch: boolean
  readonly hasShortcuts: boolean
  readonly language: string
  readonly texts: ComponentTexts
}) {
  const { filter, onFilter, counts, grouping, search, hasSearch, hasShortcuts, language, texts } = props
  const { t } = texts
  const number = new Intl.NumberFormat(language)
  const shown = (Object.keys(stateTexts) as Shown[]).filter(
    (state) => state === 'all' || state === filter.state || (counts?.[state] ?? 0) > 0,
  )
  return (
    <search className="lkl-tools" aria-label={t('searchList')}>
      {hasSearch && (
        <Search
          value={filter.q}
          onSearch={(q) => onFilter({ q })}
          field={search}
          hasShortcuts={hasShortcuts}
          texts={texts}
        />
      )}
      <Chips
        label={t('filterBy')}
        shown={shown}
        chosen={filter.state}
        onChoose={(state) => onFilter({ state })}
      >
        {(state) => (
          <>
            {t(stateTexts[state])} {counts !== null && <span>{number.format(counts[state])}</span>}
          </>
        )}
      </Chips>
      <NativeSelect
        className="lkl-grouping"
        size="xs"
        w={200}
        aria-label={t('groupBy')}
        value={grouping}
        data={[
          { value: 'integration', label: t('groupIntegration') },
          { value: 'state', label: t('groupState') },
          { value: 'none', label: t('groupNone') },
        ]}
        onChange={({ currentTarget }) =>
          onFilter({ group: currentTarget.value as 'integration' | 'state' | 'none' })
        }
      />
    </search>
  )
}

/** The text field of the search. It shows each key at once, and the list follows. */
function Search(props: {
  readonly value: string
  readonly onSearch: (q: string) => void
  readonly field: RefObject<HTMLInputElement | null>
  readonly hasShortcuts: boolean
  readonly texts: ComponentTexts
}) {
  const { value, onSearch, field, hasShortcuts, texts } = props
  const { t } = texts
  const [typed, setTyped] = useState(value)
  const [last, setLast] = useState(value)
  // The filter was changed by something else.
  if (value !== last) {
    setLast(value)
    if (value !== typed) setTyped(value)
  }
  const search = (q: string): void => {
    setTyped(q)
    setLast(q)
    onSearch(q)
  }
  return (
    <TextInput
      ref={field}
      className="lkl-search"
      size="sm"
      type="search"
      aria-label={t('searchList')}
      placeholder={t('searchList')}
      value={typed}
      autoComplete="off"
      spellCheck={false}
      leftSection={<Icon name="search" />}
      rightSection={
        typed !== '' ? (
          <CloseButton
            size="sm"
            aria-label={t('clearSearch')}
            onClick={() => {
              search('')
              field.current?.focus()
            }}
          />
        ) : hasShortcuts ? (
          <span className="lkl-kbd" aria-hidden="true">
            /
          </span>
        ) : undefined
      }
      onChange={({ currentTarget }) => search(currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || typed === '') return
        event.preventDefault()
        search('')
      }}
    />
  )
}

/** Radio buttons as chips: the Tab key reaches the chosen one, and the arrow keys choose. */
function Chips(props: {
  readonly label: string
  readonly shown: readonly Shown[]
  readonly chosen: Shown
  readonly onChoose: (state: Shown) => void
  readonly children: (state: Shown) => ReactNode
}) {
  const { label, shown, chosen, onChoose, children } = props
  const box = useRef<HTMLDivElement>(null)
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const state = shown[(shown.indexOf(chosen) + step + shown.length) % shown.length]
    if (state === undefined) return
    onChoose(state)
    box.current?.querySelector<HTMLElement>(`[data-state="${state}"]`)?.focus()
  }
  return (
    <div ref={box} className="lkl-chips" role="radiogroup" aria-label={label} onKeyDown={onKey}>
      {shown.map((state) => (
        // biome-ignore lint/a11y/useSemanticElements: a chip is styled as a button
        <button
          key={state}
          type="button"
          className="lkl-chip"
          role="radio"
          data-state={state}
          aria-checked={state === chosen}
          tabIndex={state === chosen ? 0 : -1}
          onClick={() => onChoose(state)}
        >
          {children(state)}
        </button>
      ))}
    </div>
  )
}
