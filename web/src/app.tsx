import { Alert } from '@mantine/core'
import { Suspense, useState } from 'react'
import type { ClientState } from '../../src/client/client-state.ts'
import { useSelected } from '../../src/react/client-state.ts'
import type { Fill } from '../../src/react/mantine/flow-form.tsx'
import type { FlowDone } from '../../src/react/mantine/index.ts'
import type { FormView } from '../../src/view.ts'
import { ActionsProvider } from './actions.tsx'
import type { Callback } from './callback.ts'
import { ConnectionBanner } from './connection-banner.tsx'
import type { EntryDialog } from './entry-dialog.ts'
import { Frame } from './frame.tsx'
import { useLanguage } from './language.tsx'
import { lazily } from './lazily.ts'
import { ListPage } from './list-page.tsx'
import { LockedPage } from './locked-page.tsx'
import { navigate, useRoute } from './routes.ts'
import { toast } from './toast.ts'
import { token } from './token.ts'
import { useTitle } from './use-title.ts'

const AddPicker = lazily(() => import('./add-picker.ts'))
const FlowDialog = lazily(() => import('./flow-dialog.ts'))
const EntryDialogs = lazily(() => import('./entry-dialogs.tsx'))
const EntryPage = lazily(() => import('./entry/entry-page.tsx'))
const WebhooksPage = lazily(() => import('./webhooks/webhooks-page.tsx'))
const FillIn = lazily(() => import('./example/fill-in.tsx'))
const WebhooksItem = lazily(() => import('./webhooks/webhooks-item.tsx'))

/** The page, or instructions to open it if the token is missing or invalid. */
export function App({ callback }: { readonly callback: Callback | null }) {
  if (token() === '') return <LockedPage reason="noToken" callback={callback} />
  return <OpenPage callback={callback} />
}

/** The number of connections that need attention now. */
function urgentOf({ attention }: ClientState): number {
  let count = 0
  for (const { reason } of attention.values()) if (reason !== 'pending_expiration') count++
  return count
}

function OpenPage(props: { readonly callback: Callback | null }) {
  const { t, codeText } = useLanguage()
  const error = useSelected(({ error: last }) => last)
  const urgent = useSelected(urgentOf)
  useTitle(t('title'), urgent)
  const { entryId, flowId, picker, tab, webhooks } = useRoute()
  // The notice about a returned sign-in stays until another flow is opened.
  const [callback, setCallback] = useState(props.callback)
  const [first] = useState(flowId)
  const notice = callback === null || flowId !== first ? undefined : codeText(callback)
  const [dialog, setDialog] = useState<EntryDialog | null>(null)
  const viewAction = (shown: string | null) =>
    shown === null || shown === entryId
      ? undefined
      : { label: t('view'), run: () => navigate({ entryId: shown, flowId: null }) }
  const flow = {
    notice,
    onClose: () => {
      setCallback(null)
      navigate({ flowId: null, picker: false })
    },
    onDone: ({ text, view }: FlowDone) => toast({ kind: 'done', text, action: viewAction(view.entryId) }),
    onShow: (shown: string) => navigate({ entryId: shown, flowId: null, picker: false }),
    extra: (view: FormView, fill: Fill) => (
      <Suspense>
        <FillIn view={view} fill={fill} />
      </Suspense>
    ),
  }
  if (error?.status === 401 || error?.status === 403)
    return <LockedPage reason="expired" callback={callback} />
  return (
    <ActionsProvider>
      <Frame
        below={<ConnectionBanner />}
        menu={
          <Suspense>
            <WebhooksItem />
          </Suspense>
        }
      >
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
          <Suspense>
            <EntryPage key={entryId} entryId={entryId} tab={tab} onDialog={setDialog} />
          </Suspense>
        )}
      </Frame>
      <Suspense>
        <AddPicker
          {...flow}
          opened={picker}
          flowId={flowId}
          onFlow={(opened) => navigate({ flowId: opened })}
        />
        <FlowDialog {...flow} flowId={picker ? null : flowId} />
        <EntryDialogs dialog={dialog} onClose={() => setDialog(null)} />
      </Suspense>
    </ActionsProvider>
  )
}
