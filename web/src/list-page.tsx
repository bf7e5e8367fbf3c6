import { Stack } from '@mantine/core'
import { lazy, Suspense, useLayoutEffect } from 'react'
import { useClientState, useIntegrations } from '../../src/react/index.ts'
import { AttentionBanner, Discovered, EntryList } from '../../src/react/mantine/index.ts'
import type { EntryDialog } from './entry-dialog.ts'
import { EntryMenu } from './entry-menu.tsx'
import { ExamplePanel } from './example-panel.tsx'
import { Header } from './header.tsx'
import { lastScroll, navigate, useRoute } from './routes.ts'
import { Subentries } from './subentries.tsx'

const LiveChart = lazy(() => import('./live-chart.tsx'))

const openFlow = (flowId: string): void => navigate({ flowId })

/** The list of all connections, with those that need attention and the discoveries. */
export function ListPage({ onDialog }: { readonly onDialog: (dialog: EntryDialog) => void }) {
  const integrations = useIntegrations()
  const { entries } = useClientState()
  const { flowId } = useRoute()
  useLayoutEffect(() => {
    // Newer browsers return a promise, which React would call as a clean-up.
    void scrollTo(0, lastScroll())
  }, [])
  const titleOf = (domain: string) => integrations?.find((one) => one.domain === domain)?.title
  return (
    <Stack gap="md">
      <Header onFlow={openFlow} />
      <AttentionBanner
        onRepair={openFlow}
        onRemove={(entryId) => onDialog({ type: 'remove', entryId, title: entryId })}
      />
      <Discovered onAdd={openFlow} titleOf={titleOf} />
      <EntryList
        onRepair={openFlow}
        actions={(entry) => <EntryMenu entry={entry} onFlow={openFlow} onDialog={onDialog} />}
        below={(entry) => <Subentries entry={entry} onFlow={openFlow} onDialog={onDialog} />}
      />
      <ExamplePanel />
      {entries.size > 0 && (
        <Suspense>
          <LiveChart
            dialogFlow={flowId}
            charted={null}
            onChart={(id) => navigate({ entryId: id, tab: 'developer' })}
          />
        </Suspense>
      )}
    </Stack>
  )
}
