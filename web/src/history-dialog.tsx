import { Box, Button, Group, Stack, Text } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import type { HistoryRow } from '../../src/client/index.ts'
import { useLatchkey } from '../../src/react/index.ts'
import { Working } from '../../src/react/mantine/working.tsx'
import { useActions } from './actions.tsx'
import type { EntryDialogProps } from './entry-dialog.ts'
import { type Language, type TextKey, useLanguage } from './language.tsx'
import { en } from './texts/en.ts'

const PAGE = 50

/** The history of an entry, oldest row first. */
export function HistoryDialog({ entryId, onClose }: EntryDialogProps) {
  const { t, codeText, time } = useLanguage()
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
      <Working active={rows === null} text={t('working')} />
      <Stack gap="xs" role="list">
        {rows?.map((row) => (
          <Box role="listitem" key={`${row.at} ${row.flowId} ${row.kind} ${row.revision}`}>
            <Text fw={600}>{isNamed(row.kind) ? t(row.kind, { code: row.code ?? '' }) : row.kind}</Text>
            {row.code !== null && row.kind !== 'flow_started' && (
              <Text size="sm">
                {codeText(row.code, row.kind === 'reauth_required' ? 'attention' : undefined)}
              </Text>
            )}
            <Text size="xs">
              {time(row.at)}, {whoOf(t, row.who)}
            </Text>
          </Box>
        ))}
      </Stack>
      <Group justify="flex-end" mt="md">
        {next !== null && (
          <Button variant="default" onClick={() => void read(next)}>
            {t('more')}
          </Button>
        )}
        <Button data-autofocus onClick={onClose}>
          {t('close')}
        </Button>
      </Group>
    </>
  )
}

const isNamed = (kind: string): kind is TextKey => Object.hasOwn(en, kind)

function whoOf(t: Language['t'], who: string): string {
  if (who.startsWith('link:')) return t('byLink')
  if (who === 'host') return t('byHost')
  return who === 'latchkey' ? t('byLatchkey') : t('by', { who })
}
