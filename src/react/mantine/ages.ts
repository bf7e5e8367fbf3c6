import { SOURCE_LANGUAGE, widened } from '../../texts/languages.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const UNITS = [
  ['second', 1000, MINUTE],
  ['minute', MINUTE, HOUR],
  ['hour', HOUR, DAY],
  ['day', DAY, 7 * DAY],
] as const

/** Formats times and distances of times in a language. */
export interface Ages {
  /** The distance of a time from now, such as "8 s ago", "in 12 s" or "yesterday"; after a week, its date. */
  relative(at: number, now: number): string
  /** The time that has passed, such as "4 min", and at least one second; null after a day. */
  passed(at: number, now: number): string | null
  /** The date, or the time of today. */
  date(at: number, now: number): string
  /** The time of day. */
  clock(at: number): string
}

const known = new Map<string, Ages>()

/** Returns the formats of a language. */
export function agesOf(language: string): Ages {
  const ages = known.get(language) ?? createAges(language)
  known.set(language, ages)
  return ages
}

function createAges(language: string): Ages {
  // "8 s ago" is narrow in English only. In French it is "-8 s". "4 m" are meters.
  const isEnglish = widened(language).includes(SOURCE_LANGUAGE)
  const formats = {
    narrow: new Intl.RelativeTimeFormat(language, { style: 'narrow', numeric: 'always' }),
    short: new Intl.RelativeTimeFormat(language, { style: 'short', numeric: 'always' }),
  }
  const styleOf = (unit: string) => (isEnglish && unit !== 'minute' ? 'narrow' : 'short')
  const relativeTo = (count: number, unit: 'second' | 'minute' | 'hour'): string => {
    const text = spaced(formats[styleOf(unit)].formatToParts(count, unit))
    return isEnglish ? text.replace('min.', 'min') : text
  }
  const long = new Intl.RelativeTimeFormat(language, { style: 'long', numeric: 'auto' })
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
  const times = new Intl.DateTimeFormat(language, { timeStyle: 'short' })
  const date = (at: number, now: number): string =>
    Math.abs(now - at) < DAY && new Date(at).getDate() === new Date(now).getDate()
      ? times.format(at)
      : days.format(at)
  return {
    relative(at, now) {
      const distance = at - now
      for (const [unit, size, end] of UNITS) {
        if (Math.abs(distance) >= end) continue
        const count = Math.trunc(distance / size) || -0
        if (unit === 'day') return long.format(count, unit)
        return relativeTo(distance > 0 ? Math.ceil(distance / size) : count, unit)
      }
      return date(at, now)
    },
    passed(at, now) {
      const distance = Math.max(1000, now - at)
      for (const [unit, size, end] of UNITS) {
        if (unit === 'day' || distance >= end) continue
        const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: styleOf(unit) })
        return spaced(format.formatToParts(Math.trunc(distance / size)))
      }
      return null
    },
    date,
    clock: (at) => times.format(at),
  }
}

/** Joins the parts of a format, with a space between a number and its unit: "8 s" is easier to read than "8s". */
function spaced(parts: readonly { readonly type: string; readonly value: string }[]): string {
  return parts
    .map(({ type, value }, at) =>
      (type === 'literal' || type === 'unit') && parts[at - 1]?.type === 'integer' && /^\p{L}/u.test(value)
        ? `\u00a0${value}`
        : value,
    )
    .join('')
}
