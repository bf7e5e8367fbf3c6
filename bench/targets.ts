import type { Result } from './result.ts'

interface Target {
  readonly of: 'ratio' | 'value'
  readonly least?: number
  readonly most?: number
}

/** The targets of the bench. `docs/figures.md` has the measured values. */
const targets: Readonly<Record<string, readonly Target[]>> = {
  'growth/flows': [{ of: 'ratio', most: 1.3 }],
  'growth/entries': [{ of: 'ratio', most: 1.3 }],
  'mass-reauth': [{ of: 'value', most: 1 }],
  'mass-reauth/entry': [{ of: 'ratio', most: 1.5 }],
  'parked/bytes': [{ of: 'value', most: 1_000 }],
  'parked/bytes-reauth': [{ of: 'value', most: 1_000 }],
  'commits/reauth': [{ of: 'value', most: 3.5 }],
  'commits/user': [{ of: 'value', most: 5.5 }],
  'store/sequential': [{ of: 'ratio', least: 0.7 }],
  'sqlite/concurrent-32': [{ of: 'ratio', least: 2.5 }],
  'sqlite/reauth-32': [{ of: 'ratio', least: 0.4 }],
  'postgres/trips-1': [{ of: 'value', most: 4 }],
  'postgres/trips-32': [{ of: 'value', most: 2.5 }],
  'postgres/reauth-1': [{ of: 'ratio', least: 0.35 }],
  'postgres/reauth-8': [{ of: 'ratio', least: 0.45 }],
  'postgres/reauth-32': [{ of: 'ratio', least: 0.75 }],
  'postgres/reauth-1:sealed': [{ of: 'ratio', least: 0.65 }],
  'postgres/reauth-8:sealed': [{ of: 'ratio', least: 0.65 }],
  'postgres/reauth-32:sealed': [{ of: 'ratio', least: 0.65 }],
  'feed/p99': [{ of: 'value', most: 100 }],
  'feed/missed': [{ of: 'value', most: 0 }],
  'feed/heard-32': [{ of: 'ratio', least: 0.95 }],
  'large/start': [{ of: 'ratio', most: 1.3 }],
  'large/submit': [{ of: 'ratio', most: 1.3 }],
  'large/dedupe': [{ of: 'ratio', most: 1.3 }],
  'large/attention': [{ of: 'ratio', most: 2 }],
  'large/due': [{ of: 'ratio', most: 2 }],
  'large/open': [{ of: 'ratio', most: 1.3 }],
  'entries/bytes': [{ of: 'value', most: 2_048 }],
  'http/form-step-cpu': [{ of: 'ratio', most: 1.67 }],
  'page/requests-2000': [{ of: 'value', most: 4 }],
  'page/requests-10000': [{ of: 'value', most: 12 }],
  'page/rows-2000': [{ of: 'value', most: 60 }],
  'page/rows-10000': [{ of: 'value', most: 60 }],
  'page/rename-task-2000': [{ of: 'value', most: 50 }],
  'page/rename-task-10000': [{ of: 'value', most: 50 }],
  'page/changes-tasks-2000': [{ of: 'value', most: 200 }],
  'page/changes-tasks-10000': [{ of: 'value', most: 200 }],
  'page/search-task-2000': [{ of: 'value', most: 50 }],
  'page/search-task-10000': [{ of: 'value', most: 50 }],
  'page/first-row-2000': [{ of: 'ratio', most: 4 }],
  'page/first-row-10000': [{ of: 'ratio', most: 4 }],
  'size/page': [{ of: 'value', most: 200 }],
  'size/form-chunk': [{ of: 'value', most: 190 }],
  'size/client': [{ of: 'value', most: 6.5 }],
  'http/5000-streams': [{ of: 'value', most: 1_000 }],
}

/** Returns the target of a result as text, and whether the result meets it; `null` for results without a target. */
export function judge(result: Result): { readonly target: string; readonly met: boolean } | null {
  const own = Object.hasOwn(targets, result.name) ? targets[result.name] : undefined
  if (own === undefined) return null
  const met = own.every(({ of, least, most }) => {
    const is = result[of] ?? Number.NaN
    return (least === undefined || is >= least) && (most === undefined || is <= most)
  })
  const target = own.map(({ of, least, most }) => `${of} ${least === undefined ? `≤ ${most}` : `≥ ${least}`}`)
  return { target: target.join(', '), met }
}
