import Sequencer from '@jest/test-sequencer'

/** The tests that take longest, the longest first. One that began last would leave other processors idle. */
const longest = [
  'postgres/tokens',
  'postgres/stories',
  'crash/tokens',
  'page/page',
  'crash/kill-points',
  'postgres/postgres-store',
  'postgres/transaction-pooler',
  'page/providers',
  'examples/two-processes',
  'page/entry',
  'http/contract',
  'canary/canary',
  'crash/changes',
  'postgres/kills',
  'postgres/pg-boss-jobs',
  'postgres/pg-boss-outage',
  'postgres/four-processes',
  'postgres/webhooks',
  'examples/home-hub',
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
