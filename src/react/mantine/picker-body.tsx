import { ActionIcon, Button, Skeleton, TextInput } from '@mantine/core'
import {
  type ComponentType,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { IntegrationCategory } from '../../categories.ts'
import type { IntegrationItem, View } from '../../client/index.ts'
import { useClientState, useDiscovered, useIgnored } from '../client-state.ts'
import { useLanguage, useLatchkey } from '../provider.ts'
import { useAction } from '../use-action.ts'
import { useFound } from '../use-found.ts'
import { useIntegrations } from '../use-integrations.ts'
import { errorText } from './error-text.ts'
import { Icon } from './icon.tsx'
import { categoriesOf, findIntegrations } from './integration-search.ts'
import { Note } from './note.tsx'
import { TileContent } from './picker-tile.tsx'
import { PickerTiles, tileId } from './picker-tiles.tsx'
import { shownValues } from './shown-values.ts'
import type { ComponentTexts } from './use-texts.ts'

/** The props of the picker's content. */
export interface PickerBodyProps {
  readonly className: string
  readonly texts: ComponentTexts
  readonly Title: ComponentType<{ className: string; children: ReactNode }>
  readonly writeUrl?: string | undefined
  /** Called with the flow of the pick. */
  readonly onFlow: (flowId: string) => void
  readonly onShow?: ((entryId: string) => void) | undefined
  readonly onClose: () => void
}

/** The entries of each integration: how many, and one of them. */
function useAdded(): ReadonlyMap<string, { readonly count: number; readonly entryId: string }> {
  const { entries } = useClientState()
  return useMemo(() => {
    const added = new Map<string, { count: number; entryId: string }>()
    for (const { domain, entryId } of entries.values())
      added.set(domain, { count: (added.get(domain)?.count ?? 0) + 1, entryId })
    return added
  }, [entries])
}

/** The content of the picker: a search, the discoveries, and the integrations. */
export default function PickerBody(props: PickerBodyProps) {
  const { className, texts, Title, writeUrl, onFlow, onShow, onClose } = props
  const { t } = texts
  const { flows } = useLatchkey()
  const language = useLanguage()
  const items = useIntegrations()
  const added = useAdded()
  const start = useAction()
  const [query, setQuery] = useState('')
  const [category, setCategory] = useState<IntegrationCategory | null>(null)
  const [active, setActive] = useState(0)
  const scroller = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLInputElement>(null)
  // The dialog has opened before this chunk was loaded.
  useEffect(() => field.current?.focus(), [])
  const listId = useId()
  const categories = useMemo(() => categoriesOf(items ?? []), [items])
  const found = useMemo(
    () => findIntegrations(items ?? [], query, category, language),
    [items, query, category, language],
  )
  const at = Math.min(active, found.length - 1)

  const pick = async (item: IntegrationItem): Promise<void> => {
    const existing = added.get(item.domain)
    if (item.singleInstance === true && existing !== undefined) {
      if (onShow === undefined) onClose()
      else onShow(existing.entryId)
      return
    }
    const view = await start.run(item.domain, () => flows.start({ source: 'user', domain: item.domain }))
    if (view !== null) onFlow(view.flowId)
  }
  const search = (text: string): void => {
    setQuery(text)
    setActive(0)
  }
  const press = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    const last = found.length - 1
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last }[event.key]
    if (to !== undefined) {
      event.preventDefault()
      setActive(Math.max(0, Math.min(to, last)))
    } else if (event.key === 'Enter') {
      const item = found[at]
      if (item !== undefined) void pick(item)
    } else if (event.key === 'Escape' && query !== '') search('')
  }
  const noteOf = ({ domain }: IntegrationItem): string | undefined => {
    const count = added.get(domain)?.count ?? 0
    return count === 0 ? undefined : t('added', { count })
  }
  const failure = errorText(texts, start.error)
  return (
    <div className={className}>
      <div className="lk-pick-head">
        <div className="lk-heading">
          <Title className="lk-title">{t('addConnection')}</Title>
        </div>
        <ActionIcon
          className="lk-close"
          variant="subtle"
          color="gray"
          size={36}
          aria-label={t('close')}
          onClick={onClose}
        >
          <Icon name="close" size={18} />
        </ActionIcon>
      </div>
      <div className="lk-pick-search">
        <TextInput
          ref={field}
          data-autofocus
          size="md"
          type="search"
          role="combobox"
          aria-label={t('search', { count: items?.length ?? 0 })}
          placeholder={t('search', { count: items?.length ?? 0 })}
          aria-expanded={found.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={found.length > 0 ? tileId(listId, at) : undefined}
          autoComplete="off"
          spellCheck={false}
          leftSection={<Icon name="search" size={18} />}
          value={query}
          // Escape clears a search before it closes the dialog.
          data-mantine-stop-propagation={query !== ''}
          onChange={({ currentTarget }) => search(currentTarget.value)}
          onKeyDown={press}
        />
      </div>
      <div className="lk-pick-main">
        {categories.length > 0 && (
          <nav className="lk-pick-nav" aria-label={t('categories')}>
            {[{ category: null, count: items?.length ?? 0 }, ...categories].map((one) => (
              <button
                key={one.category}
                type="button"
                className="mantine-focus-auto"
                aria-pressed={category === one.category}
                onClick={() => {
                  setCategory(one.category)
                  setActive(0)
                }}
              >
                {t(one.category ?? 'all')}
                <span>{one.count}</span>
              </button>
            ))}
          </nav>
        )}
        <div className="lk-pick-list" ref={scroller}>
          {failure !== null && (
            <Note kind="attention" role="alert">
              {failure}
            </Note>
          )}
          {query === '' && category === null && <Found {...props} items={items ?? []} />}
          {items === null ? (
            <Loading texts={texts} />
          ) : (
            <>
              {found.length > 0 && <h3 className="lk-pick-part">{t(category ?? 'allIntegrations')}</h3>}
              <PickerTiles
                listId={listId}
                label={t('integrations')}
                items={found}
                active={at}
                pending={start.pending}
                noteOf={noteOf}
                onPick={(item) => void pick(item)}
                scroller={scroller}
              />
              <p role="status" className="lk-pick-part">
                {found.length === 0 && (query === '' ? t('noIntegrations') : t('noMatch', { query }))}
              </p>
              {query === '' && category === null && <Ignored texts={texts} />}
            </>
          )}
        </div>
      </div>
      <div className="lk-pick-foot">
        <span className="lk-keys">
          <kbd className="lk-kbd">↑</kbd>
          <kbd className="lk-kbd">↓</kbd>
          {t('toMove')}
        </span>
        <span className="lk-keys">
          <kbd className="lk-kbd">Enter</kbd>
          {t('toPick')}
        </span>
        <span className="lk-keys">
          <kbd className="lk-kbd">Esc</kbd>
          {t('toClose')}
        </span>
        {writeUrl !== undefined && (
          <span style={{ marginInlineStart: 'auto' }}>
            {t('notHere')}{' '}
            <a className="lk-link" href={writeUrl} target="_blank" rel="noreferrer">
              {t('writeOne')}
            </a>
          </span>
        )}
      </div>
    </div>
  )
}

/** Eight empty tiles. */
function Loading({ texts }: { readonly texts: ComponentTexts }) {
  const { connection } = useClientState()
  if (connection === 'lost') return <Note kind="attention">{texts.t('notResponding')}</Note>
  return (
    <div className="lk-tiles" role="status" aria-label={texts.t('loading')}>
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} className="lk-tile">
          <Skeleton height={40} width={40} radius={11} />
          <Skeleton height={12} style={{ flex: 1 }} />
        </div>
      ))}
    </div>
  )
}

/** The discoveries. Adding one opens its flow. */
function Found(props: PickerBodyProps & { readonly items: readonly IntegrationItem[] }) {
  const { texts, items, onFlow } = props
  const { t } = texts
  const discovered = useDiscovered()
  if (discovered.length === 0) return null
  const lineOf = (view: View): string =>
    [view.service, view.type === 'form' ? shownValues(view.values) : view.address].filter(Boolean).join(' · ')
  return (
    <>
      <h3 className="lk-pick-part">{t('discoveredOn')}</h3>
      <ul className="lk-plain">
        {discovered.map((view) => {
          const name = view.placeholders.name ?? view.domain
          return (
            <li key={view.flowId} className="lk-tile">
              <TileContent
                domain={view.domain}
                service={items.find(({ domain }) => domain === view.domain)}
                name={name}
                line={lineOf(view)}
                end={
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={t('addOf', { name })}
                    onClick={() => onFlow(view.flowId)}
                  >
                    {t('add')}
                  </Button>
                }
              />
            </li>
          )
        })}
      </ul>
    </>
  )
}

/** The ignored discoveries, folded. */
function Ignored({ texts }: { readonly texts: ComponentTexts }) {
  const { t } = texts
  const ignored = useIgnored()
  const found = useFound()
  if (ignored.length === 0) return null
  return (
    <details className="lk-ignored">
      <summary>{t('ignored', { count: ignored.length })}</summary>
      <ul className="lk-plain">
        {ignored.map(({ entryId, title }) => (
          <li key={entryId} className="lk-tile">
            <span className="lk-grow">{title}</span>
            <Button
              size="xs"
              variant="default"
              aria-label={t('stopIgnoringOf', { name: title })}
              loading={found.pending === entryId}
              onClick={() => void found.stopIgnoring(entryId)}
            >
              {t('stopIgnoring')}
            </Button>
          </li>
        ))}
      </ul>
    </details>
  )
}
