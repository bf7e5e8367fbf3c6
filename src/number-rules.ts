// The rules for numbers that hosts and integrations configure: timeouts, times and limits.

/** A rule: a test, and the text for the error. */
interface Rule {
  readonly accepts: (value: number) => boolean
  readonly use: string
}

const MOST = Number.MAX_SAFE_INTEGER

const rules = {
  /** A deadline of one call. */
  timeout: {
    accepts: (value) => value > 0,
    use: 'a number of milliseconds above 0, or Infinity for no timeout',
  },
  /** A time that must end. */
  duration: {
    accepts: (value) => value > 0 && value <= MOST,
    use: 'a finite number of milliseconds above 0',
  },
  /** A time before an event, which can be the event itself. */
  lead: {
    accepts: (value) => value >= 0 && value <= MOST,
    use: 'a finite number of milliseconds from 0',
  },
  /** The lifetime of rows. */
  retention: {
    accepts: (value) => value > 0,
    use: 'a number of milliseconds above 0, or Infinity to keep everything',
  },
  /** A budget. */
  count: {
    accepts: (value) => Number.isSafeInteger(value) && value >= 1,
    use: 'a whole number from 1',
  },
} satisfies Readonly<Record<string, Rule>>

/** The name of a rule for numbers. */
export type NumberRule = keyof typeof rules

/** Returns an error message that names the option; null if the value is valid. `undefined` selects the default. */
export function numberProblem(option: string, value: unknown, rule: NumberRule): string | null {
  if (value === undefined) return null
  const { accepts, use } = rules[rule]
  if (typeof value === 'number' && accepts(value)) return null
  // A value of another type can be anything, a secret too.
  const shown = typeof value === 'number' || value === null ? String(value) : `a ${typeof value}`
  return `Invalid ${option}: ${shown}. Use ${use}.`
}
