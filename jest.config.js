import { availableParallelism } from 'node:os'
import { join } from 'node:path'

// Hundreds of child processes load the same modules. With this cache, they start in half the time.
process.env.NODE_COMPILE_CACHE = join(import.meta.dirname, 'node_modules/.cache/compiled')

// A few rare branches have no test yet: see the text report of a run.
const covered = { lines: 99.5, branches: 99, functions: 99, statements: 99.5 }

const common = {
  testEnvironment: '<rootDir>/test/environment.js',
  extensionsToTreatAsEsm: ['.ts'],
  // TypeScript rewrites the `.ts` of relative imports; jest resolves the sources.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  globalSetup: '<rootDir>/test/warm-cache.js',
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true }] },
}

/** The tests of `machines` and `src/engine`, which cover them without the others. Counting takes half of their time. */
const counted = ['authoring', 'engine', 'machines', 'oauth']

export default {
  // Some tests start hundreds of processes, and the machine may be busy. No result depends on this time.
  testTimeout: 600_000,
  // The tests are most of the work of a run, and many wait for a browser, a database or another process.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  testSequencer: '<rootDir>/test/longest-first.js',
  // Modules of ended tests stay in memory, and looking through gigabytes of them takes time.
  workerIdleMemoryLimit: '1GB',
  projects: [
    {
      ...common,
      displayName: 'covered',
      testEnvironment: '<rootDir>/test/coverage-environment.js',
      testMatch: counted.map((name) => `<rootDir>/test/${name}/**/*.test.ts`),
    },
    {
      ...common,
      displayName: 'other',
      testMatch: [
        '<rootDir>/test/**/*.test.ts',
        ...counted.map((name) => `!**/test/${name}/**`),
        // npm has no PgBouncer: its tests run if PGBOUNCER is its path.
        ...(process.env.PGBOUNCER === undefined ? ['!**/pgbouncer.test.ts'] : []),
      ],
      coveragePathIgnorePatterns: ['/'],
    },
  ],
  collectCoverageFrom: ['machines/**/*.ts', 'src/engine/**/*.ts'],
  // Names the lines that are not covered.
  coverageReporters: ['text-summary', ['text', { skipFull: true }]],
  coverageThreshold: { './machines/': covered, './src/engine/': covered },
}
