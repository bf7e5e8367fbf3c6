import { Affix, Alert } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { useClientState } from '../../src/react/index.ts'
import { FlowDialog } from '../../src/react/mantine/index.ts'
import { ActionsProvider } from './actions.tsx'
import type { Callback } from './callback.ts'
import { ConnectionBanner } from './connection-banner.tsx'
import type { EntryDialog } from './entry-dialog.ts'
import { EntryDialogs } from './entry-dialogs.tsx'
import { EntryPage } from './entry-page.tsx'
import { Frame } from './frame.tsx'
import { useLanguage } from './language.tsx'
import { ListPage } from './list-page.tsx'
import { LockedPage } from './locked-page.tsx'
import { navigate, useRoute } from './routes.ts'
import { token } from './token.ts'
import { WebhooksItem } from './webhooks/webhooks-item.tsx'

const WebhooksPage = lazy(() => import('./webhooks/webhooks-page.tsx'))

/** The page, or instructions to open it if the token is missing or invalid. */
export function App({ callback }: { readonly callback: Callback | null }) {
  if (token() === '') return <LockedPage reason="noToken" callback={callback} />
  return <OpenPage callback={callback} />
}

function OpenPage(props: { readonly callback: Callback | null }) {
  const { t, codeText } = useLanguage()
  const { error } = useClientState()
  const { entryId, flowId, webhooks } = useRoute()
  // The notice about a returned sign-in stays until another flow is opened.
  const [callback, setCallback] = useState(props.callback)
  const [first] = useState(flowId)
  const notice = callback === null || flowId !== first ? undefined : codeText(callback)
  const [dialog, setDialog] = useState<EntryDialog | null>(null)
  const [done, setDone] = useState('')
  if (error?.status === 401 || error?.status === 403)
    return <LockedPage reason="expired" callback={callback} />
  return (
    <ActionsProvider>
      <Frame below={<ConnectionBanner />} menu={<WebhooksItem />}>
        {notice !== undefined && flowId === null && (
          <Alert
            color="orange"
            role="alert"
            mb="md"
            withCloseButton
            closeButtonLabel={t('close')}
            onClose={() => setCallback(null)}
          >
            {notice}
          </Alert>
        )}
        {webhooks ? (
          <Suspense>
            <WebhooksPage />
          </Suspense>
        ) : entryId === null ? (
          <ListPage onDialog={setDialog} />
        ) : (
          <EntryPage key={entryId} entryId={entryId} flowId={flowId} onDialog={setDialog} />
        )}
      </Frame>
      <FlowDialog
        flowId={flowId}
        onClose={() => {
          setCallback(null)
          navigate({ flowId: null, picker: false })
        }}
        onDone={({ text }) => setDone(text)}
        onShow={(shown) => navigate({ entryId: shown, flowId: null })}
        notice={notice}
      />
      <Affix position={{ bottom: 16, left: 16 }} maw="calc(100vw - 32px)">
        <div role="status">
          {done !== '' && flowId === null && (
            <Alert color="green" withCloseButton closeButtonLabel={t('close')} onClose={() => setDone('')}>
              {done}
            </Alert>
          )}
        </div>
      </Affix>
      <EntryDialogs dialog={dialog} onClose={() => setDialog(null)} />
    </ActionsProvider>
  )
}
