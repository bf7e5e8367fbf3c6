import { Suspense, useCallback, useLayoutEffect } from 'react'
import type { EntryView } from '../../src/client/index.ts'
import {
  AttentionPanel,
  type ConnectionFilter,
  ConnectionList,
  Discovered,
  type IgnoredDiscovery,
} from '../../src/react/mantine/index.ts'
import { useEntryActions } from './entry-actions.ts'
import type { EntryDialog } from './entry-dialog.ts'
import { EntryMenu } from './entry-menu.tsx'
import { Header } from './header.tsx'
import { useLanguage } from './language.tsx'
import { lazily } from './lazily.ts'
import { hrefOf, lastScroll, navigate, useRoute } from './routes.ts'
import { toast } from './toast.ts'

const ExamplePanel = lazily(() => import('./example-panel.tsx'))

const openFlow = (flowId: string): void => navigate({ flowId })
const openEntry = (entryId: string): void => navigate({ entryId })
const linkTo = (entryId: string): string => hrefOf({ entryId })
const setFilter = (filter: ConnectionFilter): void => navigate(filter)

/** The list of all connections, with those that need attention and the discoveries. */
export function ListPage({ onDialog }: { readonly onDialog: (dialog: EntryDialog) => void }) {
  const { t } = useLanguage()
  const actions = useEntryActions()
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
  return (
    <>
      <Header onFlow={openFlow} />
      <AttentionPanel
        onRepair={openFlow}
        onShow={setFilter}
        onRemove={(entryId) => onDialog({ type: 'remove', entryId, title: entryId })}
      />
      <Discovered onAdd={openFlow} onIgnored={ignored} />
      <ConnectionList
        onRepair={openFlow}
        onOpen={openEntry}
        hrefOf={linkTo}
        onAction={act}
        menu={menu}
        filter={{ q, state, domain, group }}
        onFilter={setFilter}
      />
      <Suspense>
        <ExamplePanel />
      </Suspense>
    </>
  )
}
