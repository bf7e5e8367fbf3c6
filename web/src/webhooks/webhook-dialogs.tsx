import { Button, CopyButton, Stack, Text, TextInput } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import type { WebhookWithSecret } from '../../../src/client/index.ts'
import { useLatchkey } from '../../../src/react/index.ts'
import { useActions } from '../actions.tsx'
import { Dialog, DialogFoot } from '../dialog.tsx'
import { useLanguage } from '../language.tsx'
import { removed } from '../removed.ts'
import { DeliveryLog } from './delivery-log.tsx'
import type { WebhookTexts } from './use-webhook-texts.ts'
import type { DialogProps, WebhookDialog, WebhookQuestion } from './webhook-dialog.ts'
import { WebhookForm } from './webhook-form.tsx'

/** Renders the open dialog, if any. `onDone` receives its result, or null if it was closed. */
export function WebhookDialogs(props: DialogProps & { readonly dialog: WebhookDialog | null }) {
  const { dialog, ...about } = props
  const { texts, onDone } = about
  return (
    <Dialog
      opened={dialog !== null}
      onClose={() => onDone(null)}
      // The secret is shown only once. The second click on a button that has moved must not discard a form.
      closeOnClickOutside={dialog?.type !== 'secret' && dialog?.type !== 'form'}
      title={dialog === null ? '' : titleOf(texts, dialog)}
      size={dialog?.type === 'log' ? 'lg' : 'md'}
    >
      {dialog !== null && (
        <Content key={dialog.type}>
          {dialog.type === 'form' && <WebhookForm {...dialog} {...about} />}
          {dialog.type === 'secret' && <Secret {...dialog} {...about} />}
          {dialog.type === 'log' && <DeliveryLog {...dialog} {...about} />}
          {(dialog.type === 'rotate' || dialog.type === 'remove') && <Question {...dialog} {...about} />}
        </Content>
      )}
    </Dialog>
  )
}

function titleOf({ t }: WebhookTexts, dialog: WebhookDialog): string {
  switch (dialog.type) {
    case 'form':
      return t(dialog.webhook === undefined ? 'add' : 'editTitle')
    case 'log':
      return t('logOf', { address: dialog.address })
    default:
      return t(`${dialog.type}Title`)
  }
}

/** Moves the focus into the content, also if it follows another one in the open dialog. */
function Content({ children }: { readonly children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus(), [])
  return <div ref={box}>{children}</div>
}

/** Shows a new signing secret. It cannot be read again. */
function Secret({ webhook, secret, texts, onDone }: WebhookWithSecret & DialogProps) {
  const { t, time } = texts
  const { t: page } = useLanguage()
  const { rotatedUntil } = webhook
  return (
    <Stack>
      <Text size="sm">{t('secretText')}</Text>
      <TextInput
        readOnly
        aria-label={t('secretTitle')}
        value={secret}
        autoComplete="off"
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      {rotatedUntil !== null && <Text size="sm">{t('previousUntil', { time: time(rotatedUntil) })}</Text>}
      <DialogFoot>
        <Button variant="default" onClick={() => onDone(null)}>
          {page('close')}
        </Button>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button data-autofocus onClick={copy}>
              {page(copied ? 'copied' : 'copy')}
            </Button>
          )}
        </CopyButton>
      </DialogFoot>
    </Stack>
  )
}

/** Asks before a secret is replaced, or a webhook is removed. */
function Question(props: DialogProps & WebhookQuestion & { readonly type: 'rotate' | 'remove' }) {
  const { type, webhookId, address, isLost = false, texts, onDone } = props
  const { t: page } = useLanguage()
  const { act, busy } = useActions()
  const { webhooks } = useLatchkey()
  const isRemoval = type === 'remove'
  const run = async (): Promise<void> => {
    if (busy) return
    if (isRemoval) {
      if ((await act(() => removed(webhooks.remove(webhookId)))) !== null) onDone(null)
    } else {
      const result = await act(() => webhooks.rotateSecret(webhookId))
      if (result !== null) onDone(result)
    }
  }
  return (
    <Stack>
      <Text style={{ overflowWrap: 'anywhere' }} role={isLost ? 'alert' : undefined}>
        {texts.t(isRemoval ? 'removeText' : isLost ? 'lostText' : 'rotateText', {
          address,
        })}
      </Text>
      <DialogFoot>
        <Button data-autofocus variant="default" onClick={() => onDone(null)}>
          {page('cancel')}
        </Button>
        <Button {...(isRemoval && { color: 'red' })} aria-disabled={busy} onClick={() => void run()}>
          {isRemoval ? page('remove') : texts.t('rotate')}
        </Button>
      </DialogFoot>
    </Stack>
  )
}
