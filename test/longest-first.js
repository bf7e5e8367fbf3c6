import Sequencer from '@jest/test-sequencer'

/** The tests that take longest, the longest first. One that began last would leave other processors idle. */
const longest = [
  'postgres/stories',
  'stories/config-flow-sqlite',
  'postgres/tokens',
  'crash/kill-points',
  'crash/changes',
  'stories/unasked-flows',
  'stories/config-flow-memory',
  'canary/canary',
  'http/contract',
  'stories/config-entry',
  'postgres/four-processes',
  'postgres/kills',
  'postgres/postgres-store',
  'postgres/transaction-pooler',
  'stories/config-flow-http',
  'canary/sign-in',
  'crash/tokens',
  'stories/subentry-flow',
  'stories/sign-ins',
  'stories/tokens',
  'crash/rotate-keys',
  'crash/four-processes',
  'stories/random-stops',
  'adapters/older-database',
  'providers/providers',
  'crash/migration',
]

const rankOf = ({ path }) => {
  const rank = longest.findIndex((name) => path.endsWith(`/test/${name}.test.ts`))
  return rank === -1 ? longest.length : rank
}

/** Runs the longest tests first, then those of pages and programs, then the others in the order of jest. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const folders = /\/test\/(page|postgres|crash|cli|examples|stories|canary)\//
    const group = (test) => (folders.test(test.path) ? 0 : 1)
    return super.sort(tests).sort((a, b) => rankOf(a) - rankOf(b) || group(a) - group(b))
  }
}
