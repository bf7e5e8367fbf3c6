import { ConfigurationError } from '../../errors.ts'
import { type NumberRule, numberProblem } from '../../number-rules.ts'
import { DEFAULT_LIMITS, type Limits } from './latchkey.ts'

const rules: { readonly [Limit in keyof Limits]: NumberRule } = {
  flowIdle: 'duration',
  discoveryIdle: 'duration',
  tombstone: 'duration',
  history: 'retention',
  refreshSkew: 'lead',
  refreshLease: 'duration',
  refreshUnused: 'duration',
  expiryNotice: 'lead',
  disposeTimeout: 'duration',
  idleAfter: 'retention',
  maxLoaded: 'count',
  openFlows: 'count',
  subentries: 'count',
  attemptsWindow: 'duration',
  attemptsPerEntry: 'count',
  attemptsPerDomain: 'count',
  unreachablePerDomain: 'count',
  refusedCalls: 'count',
  refusedCallsWindow: 'duration',
}

/** Returns all limits, with the default for each that is `undefined`. @throws ConfigurationError */
export function checkLimits(limits: Partial<Limits> = {}): Limits {
  const unknown = Object.keys(limits).find((limit) => !Object.hasOwn(rules, limit))
  if (unknown !== undefined)
    throw new ConfigurationError(`Unknown limits.${unknown}. Use ${Object.keys(rules).join(', ')}.`)
  for (const [limit, rule] of Object.entries(rules)) {
    const problem = numberProblem(`limits.${limit}`, limits[limit as keyof Limits], rule)
    if (problem !== null) throw new ConfigurationError(problem)
  }
  const given = Object.entries(limits).filter(([, value]) => value !== undefined)
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(given) }
}
