'use client'
import { Alert, Box, Button, Group, Stack, Text } from '@mantine/core'
import { useAttention } from '../client-state.ts'
import { useRepair } from '../use-repair.ts'
import { errorText } from './error-text.ts'
import { RepairButton } from './repair-button.tsx'
import { shownValues } from './shown-values.ts'
import { type Texts, useTexts } from './use-texts.ts'

/**
 * Lists the entries that need the user, each with a button for its repair. Renders nothing if the list is empty.
 *
 * @example
 * ```tsx
 * import { AttentionBanner, FlowDialog } from 'latchkey/react/mantine'
 * import { useState } from 'react'
 *
 * export function Page() {
 *   const [flowId, setFlowId] = useState<string | null>(null)
 *   return (
 *     <>
 *       <AttentionBanner onRepair={setFlowId} />
 *       <FlowDialog flowId={flowId} onClose={() => setFlowId(null)} />
 *     </>
 *   )
 * }
 * ```
 */
export function AttentionBanner(props: {
  readonly onRepair: (flowId: string) => void
  /** Called to remove an entry whose saved data cannot be read. Without it there is no button. */
  readonly onRemove?: (entryId: string) => void
  readonly texts?: Partial<Texts>
}) {
  const texts = useTexts(props.texts)
  const { t } = texts
  const items = useAttention()
  const repair = useRepair()
  const failure = errorText(texts, repair.error)
  if (items.length === 0) return null
  return (
    <Alert color="orange" role="region" aria-label={t('attention', { count: items.length })}>
      <Text fw={700} mb="xs">
        {t('attention', { count: items.length })}
      </Text>
      <Stack gap="xs" role="list">
        {items.map((item) => {
          const { proposal, entryId } = item
          const id = entryId ?? item.webhookId ?? item.domain
          const name = item.title ?? id ?? ''
          return (
            <Group key={id} role="listitem" justify="space-between" gap="xs">
              <Box flex="1 1 12rem">
                <Text size="sm">
                  <strong>{name}</strong>: {item.text}
                </Text>
                {item.message !== undefined && <Text size="sm">{item.message}</Text>}
                {proposal !== undefined && (
                  <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                    {t('moved', {
                      before: shownValues(proposal.before),
                      after: shownValues(proposal.values),
                    })}
                  </Text>
                )}
              </Box>
              <Group gap="xs">
                {item.reason === 'requested' && entryId !== null && (
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={t('withdrawOf', { name })}
                    disabled={repair.pending === entryId}
                    onClick={() => void repair.withdraw(entryId)}
                  >
                    {t('withdraw')}
                  </Button>
                )}
                {proposal !== undefined && entryId !== null && (
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={t('keepAddressOf', { name })}
                    disabled={repair.pending === entryId}
                    onClick={() => void repair.dismiss(entryId)}
                  >
                    {t('keepAddress')}
                  </Button>
                )}
                {item.reason === 'unreadable' && entryId !== null && props.onRemove !== undefined && (
                  <Button
                    size="xs"
                    color="red"
                    aria-label={t('removeOf', { label: name })}
                    onClick={() => props.onRemove?.(entryId)}
                  >
                    {t('remove')}
                  </Button>
                )}
                <RepairButton
                  item={item}
                  name={name}
                  repair={repair}
                  texts={texts}
                  onRepair={props.onRepair}
                />
              </Group>
            </Group>
          )
        })}
      </Stack>
      {failure !== null && (
        <Text size="sm" c="red" role="alert" mt="xs">
          {failure}
        </Text>
      )}
    </Alert>
  )
}
