import { Button } from '@mantine/core'
import { Suspense, useCallback, useLayoutEffect, useState } from 'react'
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

const AddMenu = lazily(() => import('./add-menu.tsx'))
const ExamplePanel = lazily(() => import('./example-panel.tsx'))

const openFlow = (flowId: string): void => navigate({ flowId })
const openEntry = (entryId: string): void => navigate({ entryId })
const linkTo = (entryId: string): string => hrefOf({ entryId })
const setFilter = (filter: ConnectionFilter): void => navigate(filter)

/** The list of all connections, with those that need attention and the discoveries. */
export function ListPage({ onDialog }: { readonly onDialog: (dialog: EntryDialog) => void }) {
  const { t } = useLanguage()
  const actions = useEntryActions()
  const [isAdding, setAdding] = useState(false)
  const isEmpty = useCounts()?.all === 0
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
  const ignored = ({ name, undo }: IgnoredDiscovery): void =>
    toast({
      kind: 'done',
      text: t('toast.ignored', { name }),
      action: { label: t('undo'), run: () => void undo() },
    })
  const add = (
    <Suspense
      fallback={
        <Button leftSection={<Icon name="add" />} aria-haspopup="menu" onClick={() => setAdding(true)}>
          {t('add')}
        </Button>
      }
    >
      <AddMenu onFlow={openFlow} isOpen={isAdding} />
    </Suspense>
  )
  return (
    <>
      <Header>{isEmpty ? null : add}</Header>
      <AttentionPanel
        onRepair={openFlow}
        onShow={setFilter}
        onRemove={(entryId) => onDialog({ type: 'remove', entryId, title: entryId })}
      />
      <Discovered onAdd={openFlow} onIgnored={ignored} />
      <LoadFailed />
      <ConnectionList
        onRepair={openFlow}
        onOpen={openEntry}
        hrefOf={linkTo}
        onAction={act}
        menu={menu}
        empty={<EmptyList>{add}</EmptyList>}
        filter={{ q, state, domain, group }}
        onFilter={setFilter}
      />
      <Suspense>
        <ExamplePanel />
      </Suspense>
    </>
  )
}
