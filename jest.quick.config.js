import all from './jest.config.js'

// Stories play a few paths that together take every edge.
process.env.STORIES = 'edges'

/** The tests that answer in a minute. */
const quick = ['machines', 'engine', 'authoring', 'adapters', 'http', 'client', 'texts', 'stories']
const [covered] = all.projects

/** Tests that start processes or have many combinations, and those that repeat over SQLite or HTTP what memory plays. */
const slow = [
  'adapters/older-database',
  'adapters/node/key-file',
  'adapters/sqlite/backup',
  'adapters/sqlite/feed',
  'adapters/sqlite/sqlite-store',
  'engine/flow-start/leaving-entry',
  'engine/statecharts/driver-equals-xstate',
  'http/contract',
  'machines/diagrams',
  'stories/choices',
  'stories/config-flow-http',
  'stories/config-flow-sqlite',
  'stories/random-stops',
  'stories/removals',
]

export default {
  ...all,
  projects: [
    {
      ...covered,
      displayName: 'quick',
      testMatch: [
        '<rootDir>/test/architecture.test.ts',
        ...quick.map((name) => `<rootDir>/test/${name}/**/*.test.ts`),
        ...slow.map((name) => `!**/test/${name}.test.ts`),
      ],
    },
  ],
}
