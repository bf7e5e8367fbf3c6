import { Tabs } from '@mantine/core'
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { EntryView } from '../../../src/client/index.ts'
import { useIntegrations } from '../../../src/react/index.ts'
import { flowStyles } from '../../../src/react/mantine/flow-styles.ts'
import { listStyles } from '../../../src/react/mantine/list-styles.ts'
import { Styles } from '../../../src/react/mantine/styles.tsx'
import { BackLink } from '../back-link.tsx'
import type { EntryDialog } from '../entry-dialog.ts'
import { useLanguage } from '../language.tsx'
import type { Route } from '../route.ts'
import { lastScroll, navigate } from '../routes.ts'
import { EntryHead } from './entry-head.tsx'
import { HistoryCard } from './history-card.tsx'
import { OptionsTab } from './options-tab.tsx'
import { Overview } from './overview.tsx'
import { useShownEntry } from './use-shown-entry.ts'
import './entry.css'

const DeveloperTab = lazy(() => import('./developer-tab.tsx'))

type Tab = Route['tab']

/** The page of one connection: its state, its sub-entries, its options, its history, and its statechart. */
export default function EntryPage(props: {
  readonly entryId: string
  readonly tab: Tab
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entryId, tab, onDialog } = props
  const entry = useShownEntry(entryId)
  return (
    <>
      <Styles name="flow" css={flowStyles} />
      <Styles name="list" css={listStyles} />
      <BackLink change={{ entryId: null, tab: 'overview' }} />
      {entry === undefined ? (
        <Skeleton />
      ) : entry === null ? (
        <Gone entryId={entryId} />
      ) : (
        <Shown entry={entry} tab={tab} onDialog={onDialog} />
      )}
    </>
  )
}

function Shown(props: {
  readonly entry: EntryView
  readonly tab: Tab
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entry, onDialog } = props
  const { entryId } = entry
  const { t } = useLanguage()
  const integration = useIntegrations()?.find(({ domain }) => domain === entry.domain)
  const hasOptions = integration?.options === true
  const tab = props.tab === 'options' && integration !== undefined && !hasOptions ? 'overview' : props.tab
  const title = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    // Newer browsers return a promise, which React would call as a clean-up.
    void scrollTo(0, lastScroll())
    // The row that had the focus was removed.
    if (document.activeElement === document.body) title.current?.focus({ preventScroll: true })
  }, [])
  return (
    <>
      <EntryHead entry={entry} icon={integration?.icon} titleRef={title} onDialog={onDialog} />
      <Tabs
        className="entry-tabs"
        value={tab}
        keepMounted={false}
        onChange={(chosen) => navigate({ tab: chosen as Tab })}
      >
        <Tabs.List>
          <Tabs.Tab value="overview">{t('overview')}</Tabs.Tab>
          {(hasOptions || tab === 'options') && <Tabs.Tab value="options">{t('optionsTab')}</Tabs.Tab>}
          <Tabs.Tab value="history">{t('historyTab')}</Tabs.Tab>
          <Tabs.Tab value="developer">{t('developer')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview" pt={22}>
          <Overview entry={entry} integration={integration} onDialog={onDialog} />
        </Tabs.Panel>
        <Tabs.Panel value="options" pt={22}>
          <OptionsTab entry={entry} />
        </Tabs.Panel>
        <Tabs.Panel value="history" pt={22}>
          <HistoryCard key={entryId} entryId={entryId} entry={entry} />
        </Tabs.Panel>
        <Tabs.Panel value="developer" pt={22}>
          <Suspense>
            <DeveloperTab entry={entry} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

/** A connection that does not exist any more. Its history does. */
function Gone({ entryId }: { readonly entryId: string }) {
  const { t } = useLanguage()
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (document.activeElement === document.body) title.current?.focus({ preventScroll: true })
  }, [])
  return (
    <>
      <div className="entry-head">
        <div className="entry-heading">
          <h1 ref={title} className="page-title" tabIndex={-1} style={{ margin: 0 }}>
            {t('gone')}
          </h1>
        </div>
      </div>
      <div className="entry-tabs">
        <HistoryCard entryId={entryId} />
      </div>
    </>
  )
}

const LATE = 200

/** Shown if the connection is not known after a moment. */
function Skeleton() {
  const { t } = useLanguage()
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LATE)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div aria-busy="true" style={{ visibility: isLate ? 'visible' : 'hidden' }}>
      <span role="status" style={{ position: 'absolute', opacity: 0 }}>
        {isLate ? t('working') : ''}
      </span>
      <div className="entry-head">
        <div className="bone" style={{ width: 52, height: 52, borderRadius: 14 }} />
        <div className="entry-heading">
          <div className="bone" style={{ width: 220, height: 24, maxWidth: '80%' }} />
          <div className="bone" style={{ width: 160, marginTop: 8, maxWidth: '60%' }} />
        </div>
      </div>
      <div className="entry-columns" style={{ marginTop: 40 }}>
        <div className="card" style={{ height: 180 }} />
        <div className="card" style={{ height: 240 }} />
      </div>
    </div>
  )
}
