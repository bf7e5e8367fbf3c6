'use client'
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useMemo } from 'react'
import { useAttention } from '../client-state.ts'
import { repairFor, useRepair } from '../use-repair.ts'
import { errorText } from './error-text.ts'
import { type Texts, withEnglish } from './texts.ts'

/** Names the entries that need a person, each with the button that opens its repair; nothing where none does. */
export function AttentionBanner(props: {
  readonly onRepair: (flowId: string) => void
  readonly texts?: Partial<Texts>
}) {
  const texts = useMemo(() => withEnglish(props.texts), [props.texts])
  const items = useAttention()
  const { open, pending, error } = useRepair()
  const failure = errorText(texts, error)
  if (items.length === 0) return null
  return (
    <Alert color="orange" role="region" aria-label={texts.attention(items.length)}>
      <Text fw={700} mb="xs">
        {texts.attention(items.length)}
      </Text>
      <Stack gap="xs" role="list">
        {items.map((item) => {
          const name = item.title ?? item.entryId
          const mends = item.flowId !== null || repairFor(item.reason) !== null
          return (
            <Group key={item.entryId} role="listitem" justify="space-between">
              <Text size="sm" flex="1 1 12rem">
                <strong>{name}</strong>: {item.text}
              </Text>
              {mends && (
                <Button
                  size="xs"
                  aria-label={texts.repairOf(name)}
                  loading={pending === item.entryId}
                  onClick={async () => {
                    const flowId = await open(item)
                    if (flowId !== null) props.onRepair(flowId)
                  }}
                >
                  {texts.repair}
                </Button>
              )}
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
