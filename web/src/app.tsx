import { Container, Stack } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { useClientState } from '../../src/react/index.ts'
import { AttentionBanner, Discovered, EntryList, FlowDialog } from '../../src/react/mantine/index.ts'
import { ActionsProvider } from './actions.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { type EntryDialog, EntryDialogs } from './entry-dialogs.tsx'
import { EntryMenu } from './entry-menu.tsx'
import { ExamplePanel } from './example-panel.tsx'
import { Header } from './header.tsx'
import { useLanguage } from './language.tsx'
import { LockedPage } from './locked-page.tsx'
import { useOpenFlow } from './open-flow.ts'
import { token } from './token.ts'
import { useIntegrations } from './use-integrations.ts'

const LiveChart = lazy(() => import('./live-chart.tsx'))

/** The whole page; without a key that the server knows, how to come by one. */
export function App() {
  if (token() === '') return <LockedPage reason="noToken" />
  return <OpenPage />
}

function OpenPage() {
  const { texts } = useLanguage()
  const { error, entries } = useClientState()
  const integrations = useIntegrations()
  const titleOf = (domain: string) => integrations?.find((one) => one.domain === domain)?.title
  const [flowId, setFlowId] = useOpenFlow()
  const [dialog, setDialog] = useState<EntryDialog | null>(null)
  const [charted, setCharted] = useState<string | null>(null)
  if (error?.status === 401 || error?.status === 403) return <LockedPage reason="expired" />
  return (
    <ActionsProvider>
      <Container size="lg" p="md" component="main">
        <ConnectionBanner />
        <Stack gap="md">
          <Header onFlow={setFlowId} />
          <AttentionBanner onRepair={setFlowId} texts={texts} />
          <Discovered onAdd={setFlowId} texts={texts} titleOf={titleOf} />
          <EntryList
            onRepair={setFlowId}
            texts={texts}
            actions={(entry) => (
              <EntryMenu entry={entry} onFlow={setFlowId} onDialog={setDialog} onChart={setCharted} />
            )}
          />
          <ExamplePanel />
          {entries.size > 0 && (
            <Suspense>
              <LiveChart dialogFlow={flowId} charted={charted} onChart={setCharted} />
            </Suspense>
          )}
        </Stack>
        <div id="menus" />
      </Container>
      <FlowDialog flowId={flowId} onClose={() => setFlowId(null)} texts={texts} />
      <EntryDialogs dialog={dialog} onClose={() => setDialog(null)} />
    </ActionsProvider>
  )
}
