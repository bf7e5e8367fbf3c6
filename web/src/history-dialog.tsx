import { Button, Group, Table } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import type { HistoryRow } from '../../src/client/index.ts'
import { useLatchkey } from '../../src/react/index.ts'
import { Working } from '../../src/react/mantine/working.tsx'
import { useActions } from './actions.tsx'
import type { EntryDialogProps } from './entry-dialogs.tsx'
import { useLanguage } from './language.tsx'

const PAGE = 50

/** What happened to an entry, oldest first. */
export function HistoryDialog({ entryId, onClose }: EntryDialogProps) {
  const { say, time } = useLanguage()
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
      <Table.ScrollContainer minWidth={320}>
        <Table verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say('when')}</Table.Th>
              <Table.Th>{say('what')}</Table.Th>
              <Table.Th>{say('who')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows?.map((row) => (
              <Table.Tr key={`${row.at} ${row.flowId} ${row.kind} ${row.revision}`}>
                <Table.Td>{time(row.at)}</Table.Td>
                <Table.Td>{row.code === null ? row.kind : `${row.kind}: ${row.code}`}</Table.Td>
                <Table.Td>{row.who}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
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
