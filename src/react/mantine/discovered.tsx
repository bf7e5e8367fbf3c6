'use client'
import { Box, Card, Stack, Text, Title } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useDiscovered, useIgnored } from '../client-state.ts'
import { useFound } from '../use-found.ts'
import { errorText } from './error-text.ts'
import { FoundItem } from './found-item.tsx'
import { IgnoredItem } from './ignored-item.tsx'
import { type Texts, useTexts } from './use-texts.ts'

/** What was found, each with the buttons that add it or ignore it, and what is ignored; nothing where there is neither. */
export function Discovered(props: {
  /** Is given the flow that adds what was found. */
  readonly onAdd: (flowId: string) => void
  /** What an integration is called, by its domain: to say what kind of thing was found. */
  readonly titleOf?: (domain: string) => string | undefined
  readonly texts?: Partial<Texts>
}) {
  const texts = useTexts(props.texts)
  const { t } = texts
  const discovered = useDiscovered()
  const ignored = useIgnored()
  const found = useFound()
  const [told, setTold] = useState<{ readonly text: string } | null>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const failure = errorText(texts, found.error)
  // The button that was pressed is gone with its line: the card takes the focus.
  useEffect(() => {
    if (told !== null) heading.current?.focus()
  }, [told])
  if (discovered.length === 0 && ignored.length === 0 && told === null) return null
  const tell = (done: boolean, text: string): void => {
    if (done) setTold({ text })
  }
  return (
    <Card withBorder padding="sm" component="section" aria-label={t('discovered')}>
      <Title ref={heading} order={2} size="h4" tabIndex={-1} style={{ outline: 'none' }}>
        {t('discovered')}
      </Title>
      {discovered.length > 0 && (
        <Stack gap="xs" role="list" mt="sm">
          {discovered.map((view) => (
            <FoundItem
              key={view.flowId}
              {...{ view, texts }}
              kind={props.titleOf?.(view.domain)}
              pending={found.pending === view.flowId}
              onAdd={() => {
                setTold(null)
                props.onAdd(view.flowId)
              }}
              onIgnore={async (name) => tell(await found.ignore(view.flowId), t('isIgnored', { name }))}
            />
          ))}
        </Stack>
      )}
      <Text size="sm" role="status" mt={told === null ? 0 : 'xs'}>
        {told?.text}
      </Text>
      {failure !== null && (
        <Text size="sm" c="red" role="alert">
          {failure}
        </Text>
      )}
      {ignored.length > 0 && (
        <Box component="details" mt="xs">
          <Text component="summary" size="sm" style={{ cursor: 'pointer' }}>
            {t('ignored', { count: ignored.length })}
          </Text>
          <Stack gap="xs" role="list" mt="xs">
            {ignored.map(({ entryId, title }) => (
              <IgnoredItem
                key={entryId}
                {...{ title, texts }}
                pending={found.pending === entryId}
                onStop={async () => tell(await found.stopIgnoring(entryId), t('isOffered', { name: title }))}
              />
            ))}
          </Stack>
        </Box>
      )}
    </Card>
  )
}
