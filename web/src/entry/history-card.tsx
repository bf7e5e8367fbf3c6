import { Button } from '@mantine/core'
import { useState } from 'react'
import type { EntryView } from '../../../src/client/index.ts'
import { useLatchkey } from '../../../src/react/index.ts'
import { Icon } from '../../../src/react/mantine/icon.tsx'
import { useTexts } from '../../../src/react/mantine/use-texts.ts'
import { Working } from '../../../src/react/mantine/working.tsx'
import { useActions } from '../actions.tsx'
import { Chips } from '../chips.tsx'
import { download } from '../download.ts'
import { useLanguage } from '../language.tsx'
import { HistoryDays } from './history-days.tsx'
import { historyLines, useHistory } from './use-history.ts'

/** The longest page that the server sends. */
const LONGEST = 1000

/** The history of a connection, newest first. With `newest`, only so many rows, and a link to all. */
export function HistoryCard(props: {
  readonly entryId: string
  /** Absent if the connection was removed. */
  readonly entry?: EntryView
  readonly newest?: number
  readonly onAll?: () => void
}) {
  const { entryId, entry, newest, onAll } = props
  const { t } = useLanguage()
  const texts = useTexts()
  const { act } = useActions()
  const { entries } = useLatchkey()
  const [isWhole, setWhole] = useState(false)
  const [isHeld, setHeld] = useState(false)
  const { rows, added, isFailed, isLoading, older, again } = useHistory(entryId, { entry, isWhole, isHeld })
  const shown = newest === undefined ? rows : (rows?.slice(0, newest) ?? null)
  const save = async (): Promise<void> => {
    const lines = await act(() =>
      historyLines((after) =>
        entries.history(entryId, { order: 'newest', limit: LONGEST, ...(after !== null && { after }) }),
      ),
    )
    if (lines !== null) download(`history-${entryId}.jsonl`, 'application/x-ndjson', lines)
  }
  return (
    <section
      className="card"
      aria-label={t('history')}
      onPointerEnter={({ pointerType }) => setHeld(pointerType === 'mouse')}
      onPointerLeave={() => setHeld(false)}
    >
      <div className="card-head">
        <h2>{t('history')}</h2>
        <span className="grow" />
        <Chips
          choices={[
            [false, t('important')],
            [true, t('everything')],
          ]}
          value={isWhole}
          onChoose={setWhole}
        />
        <Button size="xs" variant="subtle" leftSection={<Icon name="download" />} onClick={() => void save()}>
          {t('download')}
        </Button>
      </div>
      {isFailed && (
        <div className="card-body" role="alert">
          {texts.t('notResponding')}{' '}
          <Button size="compact-sm" variant="subtle" loading={isLoading} onClick={again}>
            {t('again')}
          </Button>
        </div>
      )}
      {shown === null ? (
        !isFailed && (
          <div className="card-body" style={{ minHeight: 80 }}>
            <Working active text={t('working')} />
          </div>
        )
      ) : shown.length === 0 && older === null ? (
        <p className="card-body muted" style={{ margin: 0 }}>
          {t(entry === undefined ? 'goneUnknown' : 'noHistory')}
        </p>
      ) : (
        <>
          {entry === undefined && (
            <p className="card-body muted" style={{ margin: 0 }}>
              {t('goneText')}
            </p>
          )}
          <HistoryDays rows={shown} added={added} entry={entry} />
        </>
      )}
      {newest === undefined && older !== null && (
        <div className="card-foot">
          <Button size="compact-sm" variant="subtle" loading={isLoading} onClick={older}>
            {t('more')}
          </Button>
        </div>
      )}
      {newest !== undefined && rows !== null && (rows.length > newest || older !== null) && (
        <div className="card-foot">
          <Button size="compact-sm" variant="subtle" onClick={onAll}>
            {t('more')}
          </Button>
        </div>
      )}
    </section>
  )
}
