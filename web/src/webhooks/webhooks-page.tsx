import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { WebhookView, WebhookWithSecret } from '../../../src/client/index.ts'
import { Icon } from '../../../src/react/mantine/icon.tsx'
import { Working } from '../../../src/react/mantine/working.tsx'
import { BackLink } from '../back-link.tsx'
import { useLanguage } from '../language.tsx'
import { useWebhookTexts } from './use-webhook-texts.ts'
import { useWebhooks } from './use-webhooks.ts'
import { WebhookCard } from './webhook-card.tsx'
import type { WebhookDialog } from './webhook-dialog.ts'
import { WebhookDialogs } from './webhook-dialogs.tsx'

/** The maximum number of webhooks of a scope. */
const MOST = 10

/** The webhooks of the scope. Requires the right `manage`. A lazily loaded part of the page. */
export default function WebhooksPage() {
  const texts = useWebhookTexts()
  const { t } = texts
  const { t: page } = useLanguage()
  const { webhooks, reload } = useWebhooks()
  const [dialog, setDialog] = useState<WebhookDialog | null>(null)
  const isLoaded = typeof webhooks !== 'string'
  const known = isLoaded ? webhooks.items.map(({ webhookId }) => webhookId) : []
  const isFull = isLoaded && webhooks.items.length + webhooks.unreadable.length >= MOST
  // The answer to a removal may be lost.
  const isRemoved =
    dialog?.type === 'remove' && isLoaded && ![...known, ...webhooks.unreadable].includes(dialog.webhookId)
  const saved = (result: WebhookView | WebhookWithSecret | null): void => {
    setDialog(result !== null && 'secret' in result ? { type: 'secret', ...result } : null)
    void reload()
  }
  return (
    <Stack gap="md">
      <BackLink change={{ webhooks: false }} />
      <Group justify="space-between" gap="sm">
        <Title order={1} className="page-title" tabIndex={-1}>
          {t('title')}
        </Title>
        {isLoaded && !isFull && (
          <Button leftSection={<Icon name="add" />} onClick={() => setDialog({ type: 'form', known })}>
            {t('add')}
          </Button>
        )}
      </Group>
      <Text size="sm" c="var(--lk-muted)">
        {t('intro')}
      </Text>
      {isFull && <Text size="sm">{t('full')}</Text>}
      <Working active={webhooks === 'loading'} text={page('working')} />
      {webhooks === 'forbidden' && <Notice title={t('forbidden')} text={t('forbiddenText')} />}
      {webhooks === 'failed' && (
        <Notice title={t('failed')}>
          <Button variant="default" onClick={() => void reload()}>
            {t('again')}
          </Button>
        </Notice>
      )}
      {isLoaded && webhooks.items.length + webhooks.unreadable.length === 0 && (
        <Notice title={t('none')} text={t('noneText')} />
      )}
      {isLoaded && (
        <Stack gap="sm" role="list" aria-label={t('title')}>
          {webhooks.items.map((webhook) => (
            <WebhookCard
              key={webhook.webhookId}
              webhook={webhook}
              texts={texts}
              known={known}
              onDialog={setDialog}
              onChange={reload}
            />
          ))}
          {webhooks.unreadable.map((webhookId) => (
            <Group key={webhookId} role="listitem" justify="space-between">
              <Text size="sm" flex="1 1 12rem">
                {t('damaged')}
              </Text>
              <Button
                variant="default"
                onClick={() => setDialog({ type: 'remove', webhookId, address: webhookId })}
              >
                {page('remove')}
              </Button>
            </Group>
          ))}
        </Stack>
      )}
      <WebhookDialogs dialog={isRemoved ? null : dialog} texts={texts} onDone={saved} onDialog={setDialog} />
    </Stack>
  )
}

function Notice(props: { readonly title: string; readonly text?: string; readonly children?: ReactNode }) {
  return (
    <div className="card empty" role="status">
      <h2>{props.title}</h2>
      {props.text !== undefined && <p>{props.text}</p>}
      {props.children !== undefined && <div className="empty-actions">{props.children}</div>}
    </div>
  )
}
