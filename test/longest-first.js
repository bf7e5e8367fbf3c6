import Sequencer from '@jest/test-sequencer'

/**
 * The tests that take longest. One that began last would leave other processors idle. So would those that mostly wait,
 * such as `crash/tokens`, if they ran at the same time: others are between them.
 */
const longest = [
  'postgres/stories',
  'crash/tokens',
  'page/page',
  'crash/kill-points',
  'postgres/tokens',
  'crash/changes',
  'page/oidc',
  'examples/two-processes',
  'canary/canary',
  'http/contract',
  'postgres/pg-boss-jobs',
  'page/entry',
  'page/webhooks',
  'postgres/pg-boss-outage',
  'page/acceptance/manners',
  'page/providers',
  'postgres/webhooks',
  'postgres/postgres-store',
  'page/acceptance/truth',
  'examples/home-hub',
  'page/endings',
  'postgres/four-processes',
  'page/acceptance/scale',
  'postgres/kills',
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
