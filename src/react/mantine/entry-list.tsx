'use client'
import { Badge, Box, Card, Group, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { EntryView } from '../../client/index.ts'
import { useClientState, useEntries } from '../client-state.ts'
import { useRepair } from '../use-repair.ts'
import { errorText } from './error-text.ts'
import { RepairButton } from './repair-button.tsx'
import { type Texts, useTexts } from './use-texts.ts'
import { Working } from './working.tsx'

const COLOURS: Partial<Record<EntryView['state'], string>> = {
  loaded: 'green',
  setup_retry: 'yellow',
  setup_error: 'red',
  reauth_required: 'orange',
  migration_error: 'red',
  failed_unload: 'red',
}

/**
 * Lists the entries with their states and repair buttons.
 *
 * @example
 * ```tsx
 * import { EntryList, FlowDialog } from 'latchkey/react/mantine'
 * import { useState } from 'react'
 *
 * export function Page() {
 *   const [flowId, setFlowId] = useState<string | null>(null)
 *   return (
 *     <>
 *       <EntryList onRepair={setFlowId} />
 *       <FlowDialog flowId={flowId} onClose={() => setFlowId(null)} />
 *     </>
 *   )
 * }
 * ```
 */
export function EntryList(props: {
  /** Called with the flow that repairs an entry. Without it there are no repair buttons. */
  readonly onRepair?: (flowId: string) => void
  /** Further actions of an entry. */
  readonly actions?: (entry: EntryView) => ReactNode
  /** Content at the end of an entry's card. */
  readonly below?: (entry: EntryView) => ReactNode
  readonly texts?: Partial<Texts>
}) {
  const { onRepair, actions, below } = props
  const texts = useTexts(props.texts)
  const { t } = texts
  const entries = useEntries()
  const { attention, connection, entryList } = useClientState()
  const repair = useRepair()
  const failure = errorText(texts, repair.error)
  if (entries.length === 0) {
    return connection === 'open' && entryList !== 'loading' ? (
      <Card withBorder padding="xl">
        <Text ta="center">{t('noEntries')}</Text>
      </Card>
    ) : (
      <Working active={connection !== 'lost'} text={t('loading')} />
    )
  }
  return (
    <Box>
      {failure !== null && (
        <Text c="red" role="alert" mb="xs">
          {failure}
        </Text>
      )}
      <Stack gap="sm" role="list">
        {entries.map((entry) => {
          const item = attention.get(entry.entryId)
          const retried = entry.state === 'setup_retry' && entry.reason !== null
          const why = item ? item.text : retried ? texts.codeText(entry.reason) : undefined
          return (
            <Card key={entry.entryId} role="listitem" withBorder padding="sm" data-entry={entry.entryId}>
              <Group justify="space-between" gap="xs">
                <Group gap="xs" flex="1 1 12rem" miw={0}>
                  <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
                    {entry.title}
                  </Text>
                  <Badge variant="dot" color={COLOURS[entry.state] ?? 'gray.6'} tt="none">
                    {entry.text}
                  </Badge>
                </Group>
                <Group gap="xs">
                  {item !== undefined && onRepair !== undefined && (
                    <RepairButton
                      item={item}
                      name={entry.title}
                      repair={repair}
                      texts={texts}
                      onRepair={onRepair}
                    />
                  )}
                  {actions?.(entry)}
                </Group>
              </Group>
              {why !== undefined && (
                <Text size="sm" mt={4}>
                  {why}
                </Text>
              )}
              {below?.(entry)}
            </Card>
          )
        })}
      </Stack>
    </Box>
  )
}
