import { ActionIcon, Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { Suspense, useCallback, useEffect, useLayoutEffect, useState } from 'react'
import type { EntryView } from '../../src/client/index.ts'
import { useCounts } from '../../src/react/index.ts'
import { Icon } from '../../src/react/mantine/icon.tsx'
import {
  AttentionPanel,
  type ConnectionFilter,
  ConnectionList,
  Discovered,
  type IgnoredDiscovery,
} from '../../src/react/mantine/index.ts'
import { useLostAt } from '../../src/react/mantine/use-lost-at.ts'
import { useShortcuts } from '../../src/react/mantine/use-shortcuts.ts'
import { useTexts } from '../../src/react/mantine/use-texts.ts'
import { useActions } from './actions.tsx'
import { EmptyList } from './empty-list.tsx'
import { useEntryActions } from './entry-actions.ts'
import type { EntryDialog } from './entry-dialog.ts'
import { EntryMenu } from './entry-menu.tsx'
import { Header } from './header.tsx'
import { useLanguage } from './language.tsx'
import { lazily } from './lazily.ts'
import { LoadFailed } from './load-failed.tsx'
import { hrefOf, lastScroll, navigate, useRoute } from './routes.ts'
import { toast } from './toast.ts'
import { Unfinished } from './unfinished.tsx'

const BulkBar = lazily(() => import('./bulk-bar.tsx'))
const ExampleChart = lazily(() => import('./example/example-chart.tsx'))
const ExamplePanel = lazily(() => import('./example/example-panel.tsx'))
const KeysDialog = lazily(() => import('./keys-dialog.tsx'))
const Tour = lazily(() => import('./example/tour.tsx'))

const KEYS = 'latchkey-keys'
const none: ReadonlySet<string> = new Set()

const openFlow = (flowId: string): void => navigate({ flowId })
const openEntry = (entryId: string): void => navigate({ entryId })
const linkTo = (entryId: string): string => hrefOf({ entryId })
const setFilter = (filter: ConnectionFilter): void => navigate(filter)

/** The list of all connections, with those that need attention and the discoveries. */
export function ListPage({ onDialog }: { readonly onDialog: (dialog: EntryDialog) => void }) {
  const { t } = useLanguage()
  const actions = useEntryActions()
  const isEmpty = useCounts()?.all === 0
  const isPhone = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const [isSearching, setSearching] = useState(false)
  const [selected, setSelected] = useState(none)
  const [hasKeys, setKeys] = useState(() => localStorage.getItem(KEYS) !== 'off')
  const [showsKeys, setShowsKeys] = useState(false)
  const { q, state, domain, group } = useRoute()
  useLayoutEffect(() => {
    // Newer browsers return a promise, which React would call as a clean-up.
    void scrollTo(0, lastScroll())
  }, [])
  const menu = useCallback(
    (entryId: string) => <EntryMenu entryId={entryId} tabIndex={-1} onDialog={onDialog} />,
    [onDialog],
  )
  const act = useCallback(
    (action: 'reload' | 'enable', entry: EntryView): void => void actions[action](entry),
    [actions],
  )
  const select = useCallback((entryId: string): void => {
    setSelected((known) => {
      const next = new Set(known)
      if (!next.delete(entryId)) next.add(entryId)
      return next
    })
  }, [])
  useEffect(() => {
    if (isSearching) document.querySelector<HTMLElement>('.lkl-search input')?.focus()
  }, [isSearching])
  const leaveSelection = (): void => {
    setSelected(none)
    // The bar that has the focus is removed.
    document.querySelector<HTMLElement>('.page-title')?.focus()
  }
  // The list of the keys can always be opened: it turns them on again.
  useShortcuts(true, (key) => {
    if (key === '?') setShowsKeys(true)
    else if (key === 'a' && hasKeys) document.querySelector<HTMLElement>('[data-add]')?.click()
    else return false
    return true
  })
  const ignored = ({ name, undo }: IgnoredDiscovery): void =>
    toast({
      kind: 'done',
      text: t('toast.ignored', { name }),
      action: { label: t('undo'), run: () => void undo() },
    })
  return (
    <>
      <Header>
        {isPhone && !isEmpty && (
          <ActionIcon
            className="touch"
            aria-label={t('search')}
            aria-expanded={isSearching}
            onClick={() => setSearching(!isSearching)}
          >
            <Icon name="search" size={18} />
          </ActionIcon>
        )}
        {!isEmpty && (
          <div className="page-add">
            <Add isShort={isPhone} />
          </div>
        )}
      </Header>
      <div className="list-columns">
        <div>
          <Suspense>
            <Tour />
          </Suspense>
          <Unfinished />
          <AttentionPanel
            onRepair={openFlow}
            onShow={setFilter}
            onRemove={(entryId) => onDialog({ type: 'remove', entryId, title: entryId })}
            onWebhook={() => navigate({ webhooks: true })}
          />
          <Discovered onAdd={openFlow} onIgnored={ignored} />
          <LoadFailed />
          <ConnectionList
            onRepair={openFlow}
            onOpen={openEntry}
            hrefOf={linkTo}
            onAction={act}
            menu={menu}
            empty={
              <EmptyList>
                <Add />
              </EmptyList>
            }
            filter={{ q, state, domain, group }}
            onFilter={setFilter}
            selected={selected}
            onSelect={select}
            search={!isPhone || isSearching}
            shortcuts={hasKeys}
          />
          <Suspense>
            <ExampleChart />
          </Suspense>
        </div>
        <Suspense>
          <ExamplePanel />
        </Suspense>
      </div>
      <Suspense>
        {selected.size > 0 && <BulkBar selected={selected} onDone={leaveSelection} />}
        <KeysDialog
          isOpen={showsKeys}
          isOn={hasKeys}
          onToggle={(isOn) => {
            localStorage.setItem(KEYS, isOn ? 'on' : 'off')
            setKeys(isOn)
          }}
          onClose={() => setShowsKeys(false)}
        />
      </Suspense>
    </>
  )
}

/** The button that adds a connection. */
function Add({ isShort = false }: { readonly isShort?: boolean }) {
  const { t } = useLanguage()
  const texts = useTexts()
  const { act } = useActions()
  const isLost = useLostAt() !== null
  const open = (): void => navigate({ picker: true })
  return (
    <Button
      leftSection={<Icon name="add" />}
      aria-haspopup="dialog"
      aria-label={isShort ? t('add') : undefined}
      aria-disabled={isLost || undefined}
      data-add
      className={isLost ? 'off' : undefined}
      // Tries to connect first, and shows a message if that fails.
      onClick={() => (isLost ? void act(async () => open()) : open())}
    >
      {isShort ? texts.t('add') : t('add')}
    </Button>
  )
}
