'use client'
import { Alert, Box, Button, Group, Stack, Text } from '@mantine/core'
import { useMemo } from 'react'
import { useAttention } from '../client-state.ts'
import { useRepair } from '../use-repair.ts'
import { errorText } from './error-text.ts'
import { RepairButton } from './repair-button.tsx'
import { shownValues } from './shown-values.ts'
import { type Texts, withEnglish } from './texts.ts'

/** Names the entries that need a person, each with the button that opens its repair; nothing where none does. */
export function AttentionBanner(props: {
  readonly onRepair: (flowId: string) => void
  readonly texts?: Partial<Texts>
}) {
  const texts = useMemo(() => withEnglish(props.texts), [props.texts])
  const items = useAttention()
  const repair = useRepair()
  const failure = errorText(texts, repair.error)
  if (items.length === 0) return null
  return (
    <Alert color="orange" role="region" aria-label={texts.attention(items.length)}>
      <Text fw={700} mb="xs">
        {texts.attention(items.length)}
      </Text>
      <Stack gap="xs" role="list">
        {items.map((item) => {
          const name = item.title ?? item.entryId
          const { proposal } = item
          return (
            <Group key={item.entryId} role="listitem" justify="space-between" gap="xs">
              <Box flex="1 1 12rem">
                <Text size="sm">
                  <strong>{name}</strong>: {item.text}
                </Text>
                {proposal !== undefined && (
                  <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                    {texts.moved(shownValues(proposal.before), shownValues(proposal.values))}
                  </Text>
                )}
              </Box>
              <Group gap="xs">
                {proposal !== undefined && (
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={texts.keepAddressOf(name)}
                    disabled={repair.pending === item.entryId}
                    onClick={() => void repair.dismiss(item.entryId)}
                  >
                    {texts.keepAddress}
                  </Button>
                )}
                <RepairButton {...{ item, name, repair, texts }} onRepair={props.onRepair} />
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
