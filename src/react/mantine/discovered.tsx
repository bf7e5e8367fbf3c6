'use client'
import { Box, Card, Stack, Text, Title } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useDiscovered, useIgnored } from '../client-state.ts'
import { useFound } from '../use-found.ts'
import { DiscoveredItem } from './discovered-item.tsx'
import { errorText } from './error-text.ts'
import { IgnoredItem } from './ignored-item.tsx'
import { type Texts, useTexts } from './use-texts.ts'

/**
 * Lists discoveries with buttons to add or ignore them, and ignored entries. Renders nothing if both lists are empty.
 *
 * @example
 * ```tsx
 * import { Discovered, FlowDialog } from 'latchkey/react/mantine'
 * import { useState } from 'react'
 *
 * export function Page() {
 *   const [flowId, setFlowId] = useState<string | null>(null)
 *   return (
 *     <>
 *       <Discovered onAdd={setFlowId} />
 *       <FlowDialog flowId={flowId} onClose={() => setFlowId(null)} />
 *     </>
 *   )
 * }
 * ```
 */
export function Discovered(props: {
  /** Called with the flow that adds a discovery. */
  readonly onAdd: (flowId: string) => void
  /** Returns the title of an integration, which is shown next to a discovery. */
  readonly titleOf?: (domain: string) => string | undefined
  readonly texts?: Partial<Texts>
}) {
  const texts = useTexts(props.texts)
  const { t } = texts
  const discovered = useDiscovered()
  const ignored = useIgnored()
  const found = useFound()
  const [status, setStatus] = useState<{ readonly text: string } | null>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const failure = errorText(texts, found.error)
  // The pressed button is removed with its line: the heading takes the focus.
  useEffect(() => {
    if (status !== null) heading.current?.focus()
  }, [status])
  if (discovered.length === 0 && ignored.length === 0 && status === null) return null
  const announce = (done: boolean, text: string): void => {
    if (done) setStatus({ text })
  }
  return (
    <Card withBorder padding="sm" component="section" aria-label={t('discovered')}>
      <Title ref={heading} order={2} size="h4" tabIndex={-1} style={{ outline: 'none' }}>
        {t('discovered')}
      </Title>
      {discovered.length > 0 && (
        <Stack gap="xs" role="list" mt="sm">
          {discovered.map((view) => (
            <DiscoveredItem
              key={view.flowId}
              view={view}
              texts={texts}
              kind={props.titleOf?.(view.domain)}
              pending={found.pending === view.flowId}
              onAdd={() => {
                setStatus(null)
                props.onAdd(view.flowId)
              }}
              onIgnore={async (name) => announce(await found.ignore(view.flowId), t('isIgnored', { name }))}
            />
          ))}
        </Stack>
      )}
      <Text size="sm" role="status" mt={status === null ? 0 : 'xs'}>
        {status?.text}
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
                title={title}
                texts={texts}
                pending={found.pending === entryId}
                onStop={async () =>
                  announce(await found.stopIgnoring(entryId), t('isOffered', { name: title }))
                }
              />
            ))}
          </Stack>
        </Box>
      )}
    </Card>
  )
}
