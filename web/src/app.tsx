import { Alert, Container, Stack } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { useClientState, useIntegrations } from '../../src/react/index.ts'
import { AttentionBanner, Discovered, EntryList, FlowDialog } from '../../src/react/mantine/index.ts'
import { ActionsProvider } from './actions.tsx'
import type { Callback } from './callback.ts'
import { ConnectionBanner } from './connection-banner.tsx'
import type { EntryDialog } from './entry-dialog.ts'
import { EntryDialogs } from './entry-dialogs.tsx'
import { EntryMenu } from './entry-menu.tsx'
import { ExamplePanel } from './example-panel.tsx'
import { Header } from './header.tsx'
import { useLanguage } from './language.tsx'
import { LockedPage } from './locked-page.tsx'
import { useOpenFlow } from './open-flow.ts'
import { Subentries } from './subentries.tsx'
import { token } from './token.ts'

const LiveChart = lazy(() => import('./live-chart.tsx'))

/** The page, or instructions to open it if the token is missing or invalid. */
export function App({ callback }: { readonly callback: Callback | null }) {
  if (token() === '') return <LockedPage reason="noToken" callback={callback} />
  return <OpenPage callback={callback} />
}

function OpenPage(props: { readonly callback: Callback | null }) {
  const { t, codeText } = useLanguage()
  const { error, entries } = useClientState()
  const integrations = useIntegrations()
  const titleOf = (domain: string) => integrations?.find((one) => one.domain === domain)?.title
  const [flowId, openFlow] = useOpenFlow()
  // The notice about a returned sign-in stays until another flow is opened.
  const [callback, setCallback] = useState(props.callback)
  const notice = callback === null ? undefined : codeText(callback)
  const setFlowId = (opened: string | null): void => {
    setCallback(null)
    openFlow(opened)
  }
  const [dialog, setDialog] = useState<EntryDialog | null>(null)
  const [charted, setCharted] = useState<string | null>(null)
  if (error?.status === 401 || error?.status === 403)
    return <LockedPage reason="expired" callback={callback} />
  return (
    <ActionsProvider>
      <Container size="lg" p="md" component="main">
        <ConnectionBanner />
        <Stack gap="md">
          <Header onFlow={setFlowId} />
          {notice !== undefined && flowId === null && (
            <Alert
              color="orange"
              role="alert"
              withCloseButton
              closeButtonLabel={t('close')}
              onClose={() => setCallback(null)}
            >
              {notice}
            </Alert>
          )}
          <AttentionBanner
            onRepair={setFlowId}
            onRemove={(entryId) => setDialog({ type: 'remove', entryId, title: entryId })}
          />
          <Discovered onAdd={setFlowId} titleOf={titleOf} />
          <EntryList
            onRepair={setFlowId}
            actions={(entry) => (
              <EntryMenu entry={entry} onFlow={setFlowId} onDialog={setDialog} onChart={setCharted} />
            )}
            below={(entry) => <Subentries entry={entry} onFlow={setFlowId} onDialog={setDialog} />}
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
      <FlowDialog flowId={flowId} onClose={() => setFlowId(null)} notice={notice} />
      <EntryDialogs dialog={dialog} onClose={() => setDialog(null)} />
    </ActionsProvider>
  )
}
