import type { EntryView } from '../../client/index.ts'
import { useLanguage } from '../provider.ts'
import { agesOf } from './ages.ts'
import { useNow } from './use-now.ts'
import type { ComponentTexts } from './use-texts.ts'

type Tone = 'ok' | 'warn' | 'attention' | 'bad' | 'idle' | 'quiet' | 'busy'

/** Returns the color of the state of an entry. */
function toneOf({ state, disabled, quiet }: EntryView): Tone {
  if (disabled) return 'idle'
  if (quiet && state === 'loaded') return 'quiet'
  switch (state) {
    case 'loaded':
      return 'ok'
    case 'setup_retry':
      return 'warn'
    case 'reauth_required':
      return 'attention'
    case 'setup_error':
    case 'migration_error':
    case 'failed_unload':
      return 'bad'
    case 'migrating':
    case 'setup_in_progress':
    case 'unload_in_progress':
      return 'busy'
    default:
      return 'idle'
  }
}

/** The state of an entry as a text with a dot, which is decoration. `isOld` removes the color of a state that may have changed. */
export function ConnectionState(props: { readonly entry: EntryView; readonly isOld?: boolean }) {
  const { entry, isOld = false } = props
  return (
    <span className={`lkl-state lkl-${isOld ? 'idle' : toneOf(entry)}`}>
      <span className="lkl-dot" aria-hidden="true" />
      <span>{entry.text}</span>
    </span>
  )
}

const SOON = 14 * 24 * 3_600_000

/** The age of the state of an entry: since when it needs the user, the next attempt, or the last answer of its service. */
export function ConnectionAge(props: {
  readonly entry: EntryView
  readonly texts: ComponentTexts
  /** Time at which the connection to Latchkey was lost, or null. */
  readonly lostAt?: number | null
}) {
  const { entry, texts, lostAt = null } = props
  const { t } = texts
  const ages = agesOf(useLanguage())
  const now = useNow()
  const at = (time: number, text: string) => (
    <time dateTime={new Date(time).toISOString()} title={new Date(time).toLocaleString()}>
      {text}
    </time>
  )
  const since = (time: number) => {
    const passed = ages.passed(time, now)
    return at(
      time,
      passed === null ? t('since', { when: ages.date(time, now) }) : t('forTime', { time: passed }),
    )
  }
  const last = (time: number, key: 'checked' | 'lastSeen') =>
    at(time, t(key, { when: now - time < 2000 ? t('justNow') : ages.relative(time, now) }))

  if (lostAt !== null) return at(lostAt, t('asOf', { time: ages.clock(lostAt) }))
  const { state, checkedAt, retryAt, expiresAt, stateSince, reauth } = entry
  if (entry.disabled) return stateSince === undefined ? null : since(stateSince)
  if (state === 'setup_retry' && retryAt !== undefined)
    return at(retryAt, retryAt <= now ? t('nextNow') : t('nextIn', { when: ages.relative(retryAt, now) }))
  if (state === 'reauth_required') {
    const from = reauth?.since ?? stateSince
    return from === undefined ? null : since(from)
  }
  if (state !== 'loaded' && state !== 'not_loaded') return stateSince === undefined ? null : since(stateSince)
  if (entry.quiet) return checkedAt === undefined ? null : last(checkedAt, 'lastSeen')
  if (
    expiresAt !== null &&
    expiresAt > now &&
    expiresAt - now < SOON &&
    entry.reauth === null &&
    checkedAt === undefined
  )
    return at(expiresAt, t('expiresIn', { when: ages.relative(expiresAt, now) }))
  return checkedAt === undefined ? null : last(checkedAt, 'checked')
}
