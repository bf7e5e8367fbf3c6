import { Box, Button, Group, Stack, Text } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import type { HistoryRow } from '../../src/client/index.ts'
import { useLatchkey } from '../../src/react/index.ts'
import { Working } from '../../src/react/mantine/working.tsx'
import type { StandardTexts } from '../../src/texts/standard-texts.ts'
import { useActions } from './actions.tsx'
import type { EntryDialogProps } from './entry-dialogs.tsx'
import { type Language, useLanguage } from './language.tsx'
import { english, type MessageName } from './messages.ts'

const PAGE = 50

/** What happened to an entry, oldest first. */
export function HistoryDialog({ entryId, onClose }: EntryDialogProps) {
  const { say, standard, time } = useLanguage()
  const { act } = useActions()
  const { entries } = useLatchkey()
  const [rows, setRows] = useState<readonly HistoryRow[] | null>(null)
  const [next, setNext] = useState<string | null>(null)
  const read = useCallback(
    async (after: string | null): Promise<void> => {
      const query = { limit: PAGE, ...(after !== null && { after }) }
      const page = await act(() => entries.history(entryId, query))
      if (page === null) return
      setRows((known) => (after === null ? page.items : [...(known ?? []), ...page.items]))
      setNext(page.next)
    },
    [act, entries, entryId],
  )
  useEffect(() => void read(null), [read])

  return (
    <>
      <Working active={rows === null} text={say('working')} />
      <Stack gap="xs" role="list">
        {rows?.map((row) => (
          <Box role="listitem" key={`${row.at} ${row.flowId} ${row.kind} ${row.revision}`}>
            <Text fw={600}>{isNamed(row.kind) ? say(row.kind, { code: row.code ?? '' }) : row.kind}</Text>
            {row.code !== null && row.kind !== 'flow_started' && (
              <Text size="sm">{whyOf(standard, row.code, row.kind)}</Text>
            )}
            <Text size="xs">
              {time(row.at)}, {whoOf(say, row.who)}
            </Text>
          </Box>
        ))}
      </Stack>
      <Group justify="flex-end" mt="md">
        {next !== null && (
          <Button variant="default" onClick={() => void read(next)}>
            {say('more')}
          </Button>
        )}
        <Button data-autofocus onClick={onClose}>
          {say('close')}
        </Button>
      </Group>
    </>
  )
}

const isNamed = (kind: string): kind is MessageName => Object.hasOwn(english, kind)

/** The sentence for a code; a code that an integration made up says itself. */
function whyOf({ abort, error, attention }: StandardTexts, code: string, kind: string): string {
  const known: Readonly<Record<string, string>> =
    kind === 'reauth_required' ? attention : { ...abort, ...error }
  return Object.hasOwn(known, code) ? (known[code] ?? code) : code
}

function whoOf(say: Language['say'], who: string): string {
  if (who.startsWith('link:')) return say('byLink')
  if (who === 'host') return say('byHost')
  return who === 'latchkey' ? say('byLatchkey') : say('by', { who })
}
