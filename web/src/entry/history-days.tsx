import type { EntryView, HistoryRow } from '../../../src/client/index.ts'
import { agesOf } from '../../../src/react/mantine/ages.ts'
import { Icon, type IconName } from '../../../src/react/mantine/icon.tsx'
import { useNow } from '../../../src/react/mantine/use-now.ts'
import { useTexts } from '../../../src/react/mantine/use-texts.ts'
import { type Language, type TextKey, useLanguage } from '../language.tsx'
import { en } from '../texts/en.ts'
import { Time } from './time.tsx'
import { keyOf } from './use-history.ts'

interface Day {
  readonly name: string
  readonly rows: HistoryRow[]
}

/** History rows by day. */
export function HistoryDays(props: {
  readonly rows: readonly HistoryRow[]
  /** The keys of the rows that fade in. */
  readonly added: ReadonlySet<string>
  readonly entry: EntryView | undefined
}) {
  const { rows, added, entry } = props
  const { language } = useLanguage()
  const now = useNow()
  return (
    <div className="timeline">
      {daysOf(rows, language, now).map(({ name, rows: some }) => [
        <h3 key={`${name} title`}>{name}</h3>,
        <ul key={name} aria-label={name}>
          {some.map((row) => {
            const key = keyOf(row)
            return <Row key={key} row={row} entry={entry} now={now} isNew={added.has(key)} />
          })}
        </ul>,
      ])}
    </div>
  )
}

function Row(props: {
  readonly row: HistoryRow
  readonly entry: EntryView | undefined
  readonly now: number
  readonly isNew: boolean
}) {
  const { row, entry, now, isNew } = props
  const { at, kind, who } = row
  const { t, language, codeText } = useLanguage()
  const texts = useTexts()
  const ages = agesOf(language)
  const [tone, icon] = signOf(kind)
  const isToday = ages.date(at, now) === ages.clock(at)
  const what = isNamed(kind) ? t(kind, { code: row.code ?? '' }) : kind
  return (
    <li className="event" data-new={isNew || undefined}>
      <span className="event-sign" data-tone={tone} aria-hidden="true">
        <Icon name={icon} size={13} />
      </span>
      <div>
        <div className="event-what">{what}</div>
        <Detail row={row} codeText={codeText} entry={entry} />
      </div>
      <div className="event-when">
        <Time at={at}>
          {!isToday ? ages.clock(at) : now - at < 2000 ? texts.t('justNow') : ages.relative(at, now)}
        </Time>
        {' · '}
        {whoOf(t, who)}
      </div>
    </li>
  )
}

/** The change of a row, or its reason. */
function Detail(props: {
  readonly row: HistoryRow
  readonly entry: EntryView | undefined
  readonly codeText: Language['codeText']
}) {
  const { row, entry, codeText } = props
  const { code, kind, detail } = row
  if (detail?.before !== undefined || detail?.after !== undefined) {
    return (
      <div className="event-detail">
        {detail.before !== undefined && <span className="mono">{detail.before}</span>}
        {detail.before !== undefined && detail.after !== undefined && ' → '}
        {detail.after !== undefined && <span className="mono">{detail.after}</span>}
      </div>
    )
  }
  if (code === null || kind === 'flow_started') return null
  if (kind.startsWith('subentry_')) {
    const item = entry?.subentries.find(({ type, subentryId }) => code === `${type}/${subentryId}`)
    return item === undefined ? null : <div className="event-detail">{item.title}</div>
  }
  const { service = entry?.domain ?? '', title: name = '', address = service } = entry ?? {}
  const text = codeText(code, kind === 'reauth_required' ? 'attention' : undefined, {
    ...{ service, name, host: address, expected: name, account: name },
    ...{ secret: 'none', found: 'none', existing: 'none', other: '', ref: 'none', when: 'none', seconds: 0 },
  })
  // A code without a text is for programs.
  return text === code ? null : <div className="event-detail">{text}</div>
}

/** Groups rows by the day of the reader. */
function daysOf(rows: readonly HistoryRow[], language: string, now: number): readonly Day[] {
  const near = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const far = new Intl.DateTimeFormat(language, { dateStyle: 'long' })
  const nameOf = (at: number): string => {
    const distance = Math.round((startOf(at) - startOf(now)) / 86_400_000)
    return distance === 0 || distance === -1
      ? capital(near.format(distance, 'day'), language)
      : far.format(at)
  }
  const days: Day[] = []
  for (const row of rows) {
    const name = nameOf(row.at)
    const last = days.at(-1)
    if (last?.name === name) last.rows.push(row)
    else days.push({ name, rows: [row] })
  }
  return days
}

const startOf = (at: number): number => new Date(at).setHours(0, 0, 0, 0)

const capital = (text: string, language: string): string =>
  text.slice(0, 1).toLocaleUpperCase(language) + text.slice(1)

const signs: Readonly<Record<string, readonly [tone: string, icon: IconName]>> = {
  entry_created: ['', 'add'],
  subentry_added: ['', 'add'],
  entry_removed: ['bad', 'trash'],
  subentry_removed: ['', 'trash'],
  credential_updated: ['ok', 'check'],
  reauth_repaired: ['ok', 'check'],
  refresh_repaired: ['ok', 'check'],
  client_accepted: ['ok', 'check'],
  client_refusal_expired: ['', 'close'],
  account_replaced: ['ok', 'check'],
  entry_enabled: ['', 'play'],
  reauth_required: ['attention', 'key'],
  credential_expiring: ['attention', 'key'],
  flow_rejected: ['bad', 'close'],
  refresh_failed: ['bad', 'close'],
  client_refused: ['bad', 'close'],
  migration_failed: ['bad', 'close'],
  address_proposed: ['attention', 'home'],
  address_followed: ['', 'home'],
  links_revoked: ['', 'link'],
}

const signOf = (kind: string): readonly [tone: string, icon: IconName] => signs[kind] ?? ['', 'edit']

const isNamed = (kind: string): kind is TextKey => Object.hasOwn(en, kind)

function whoOf(t: Language['t'], who: string): string {
  if (who.startsWith('link:')) return t('byLink')
  if (who === 'host') return t('byHost')
  return who === 'latchkey' ? t('byLatchkey') : t('by', { who })
}
