import { availableParallelism } from 'node:os'
import { join } from 'node:path'

// Hundreds of child processes load the same modules. With this cache, they start in half the time.
process.env.NODE_COMPILE_CACHE = join(import.meta.dirname, 'node_modules/.cache/compiled')

// A few rare branches have no test yet: see the text report of a run.
const covered = { lines: 99.5, branches: 99, functions: 99, statements: 99.5 }

const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  // TypeScript rewrites the `.ts` of relative imports; jest resolves the sources.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true }] },
}

/** Tests that run whole programs or thousands of stories. The others cover every line without them. */
const long = ['canary', 'cli', 'crash', 'examples', 'page', 'postgres', 'stories']

export default {
  // Some tests start hundreds of processes, and the machine may be busy. No result depends on this time.
  testTimeout: 600_000,
  // The tests are most of the work of a run, and many wait for a browser, a database or another process.
  maxWorkers: availableParallelism() * 2,
  testSequencer: '<rootDir>/test/longest-first.js',
  projects: [
    {
      ...common,
      displayName: 'covered',
      testMatch: ['<rootDir>/test/**/*.test.ts', ...long.map((name) => `!**/test/${name}/**`)],
    },
    {
      ...common,
      displayName: 'long',
      testMatch: [
        ...long.map((name) => `<rootDir>/test/${name}/**/*.test.ts`),
        // npm has no PgBouncer: its tests run if PGBOUNCER is its path.
        ...(process.env.PGBOUNCER === undefined ? ['!**/pgbouncer.test.ts'] : []),
      ],
      // Counting what is covered doubles the time of code that runs thousands of times.
      coveragePathIgnorePatterns: ['/'],
    },
  ],
  collectCoverageFrom: ['machines/**/*.ts', 'src/engine/**/*.ts'],
  // Names the lines that are not covered.
  coverageReporters: ['text-summary', ['text', { skipFull: true }]],
  coverageThreshold: { './machines/': covered, './src/engine/': covered },
}
