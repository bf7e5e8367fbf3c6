import { Box, Button, Stack, Text } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import type { WebhookDelivery } from '../../../src/client/index.ts'
import { useSelected } from '../../../src/react/client-state.ts'
import { useLatchkey } from '../../../src/react/index.ts'
import { useTexts } from '../../../src/react/mantine/use-texts.ts'
import { Working } from '../../../src/react/mantine/working.tsx'
import { useActions } from '../actions.tsx'
import { DialogFoot } from '../dialog.tsx'
import { useLanguage } from '../language.tsx'
import type { WebhookTexts } from './use-webhook-texts.ts'
import type { DialogProps } from './webhook-dialog.ts'

const PAGE = 20

/** The deliveries of a webhook, newest first, with the status and time of each attempt. */
export function DeliveryLog({ webhookId, texts, onDone }: DialogProps & { readonly webhookId: string }) {
  const { t, event, time, result } = texts
  const { t: page } = useLanguage()
  const { act } = useActions()
  const components = useTexts()
  const { webhooks } = useLatchkey()
  const [rows, setRows] = useState<readonly WebhookDelivery[] | null>(null)
  const [next, setNext] = useState<string | null>(null)
  const read = useCallback(
    async (after: string | null): Promise<void> => {
      const query = { limit: PAGE, ...(after !== null && { after }) }
      const found = await act(() => webhooks.deliveries(webhookId, query))
      if (found === null) return
      setRows((known) => (after === null ? found.items : [...(known ?? []), ...found.items]))
      setNext(found.next)
    },
    [act, webhooks, webhookId],
  )
  const isLost = useSelected(({ connection }) => connection === 'lost')
  const isMissing = rows === null
  useEffect(() => {
    if (isMissing && !isLost) void read(null)
  }, [read, isMissing, isLost])
  return (
    <Stack gap="sm">
      <Text size="sm">{t('logText')}</Text>
      <Working active={isMissing && !isLost} text={page('working')} />
      {isMissing && isLost && <Text role="status">{components.t('notResponding')}</Text>}
      {rows?.length === 0 && <Text role="status">{t('logEmpty')}</Text>}
      <Stack gap="xs" role="list">
        {rows?.map((delivery) => (
          <Box role="listitem" key={delivery.deliveryId}>
            <Text fw={600}>{event(delivery.type)}</Text>
            <Text size="sm">{stateOf(texts, delivery)}</Text>
            {delivery.attempts.map((attempt) => (
              <Text size="xs" key={attempt.at}>
                {t('attempt', { time: time(attempt.at), result: result(attempt) })}
              </Text>
            ))}
          </Box>
        ))}
      </Stack>
      <DialogFoot>
        {next !== null && (
          <Button variant="default" onClick={() => void read(next)}>
            {t('older')}
          </Button>
        )}
        <Button data-autofocus onClick={() => onDone(null)}>
          {page('close')}
        </Button>
      </DialogFoot>
    </Stack>
  )
}

function stateOf({ t, time }: WebhookTexts, { state, reason, nextAt }: WebhookDelivery): string {
  if (state === 'waiting') return t('waiting', { time: time(nextAt ?? 0) })
  return t(state === 'given_up' && reason === 'receiver_off' ? 'receiver_off' : state)
}
