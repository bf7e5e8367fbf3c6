import { Group, Stack, Text, Title } from '@mantine/core'
import { lazy, Suspense, useLayoutEffect } from 'react'
import { useClientState } from '../../src/react/index.ts'
import { Icon } from '../../src/react/mantine/icon.tsx'
import type { EntryDialog } from './entry-dialog.ts'
import { EntryMenu } from './entry-menu.tsx'
import { useLanguage } from './language.tsx'
import { hrefOf, lastScroll, navigate } from './routes.ts'
import { Subentries } from './subentries.tsx'

const LiveChart = lazy(() => import('./live-chart.tsx'))

const openFlow = (flowId: string): void => navigate({ flowId })

/** The page of one entry: its actions, its sub-entries and its statechart. */
export default function EntryPage(props: {
  readonly entryId: string
  readonly flowId: string | null
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entryId, flowId, onDialog } = props
  const { t } = useLanguage()
  const { entries, connection } = useClientState()
  const entry = entries.get(entryId)
  useLayoutEffect(() => {
    // Newer browsers return a promise, which React would call as a clean-up.
    void scrollTo(0, lastScroll())
  }, [])
  return (
    <Stack gap="md">
      <a
        className="back"
        href={hrefOf({})}
        onClick={(event) => {
          event.preventDefault()
          navigate({ entryId: null, tab: 'overview' })
        }}
      >
        <Icon name="back" />
        {t('title')}
      </a>
      {entry === undefined ? (
        connection === 'open' && (
          <Title order={1} className="page-title">
            {t('gone')}
          </Title>
        )
      ) : (
        <>
          <Group justify="space-between" gap="sm" wrap="nowrap">
            <Title order={1} className="page-title" style={{ overflowWrap: 'anywhere', minWidth: 0 }}>
              {entry.title}
            </Title>
            <EntryMenu entryId={entryId} onDialog={onDialog} />
          </Group>
          <Text size="sm" component="div">
            {entry.text}
            {entry.lastError !== undefined && `: ${entry.lastError.text}`}
          </Text>
          <Subentries entry={entry} onFlow={openFlow} onDialog={onDialog} />
          <Suspense>
            <LiveChart dialogFlow={flowId} charted={entryId} onChart={() => {}} />
          </Suspense>
        </>
      )}
    </Stack>
  )
}
