import { join } from 'node:path'

// Hundreds of child processes load the same modules. With this cache, they start in half the time.
process.env.NODE_COMPILE_CACHE = join(import.meta.dirname, 'node_modules/.cache/compiled')

const whole = { lines: 100, branches: 100, functions: 100, statements: 100 }

export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Some tests start hundreds of processes, and the machine may be busy. No result depends on this time.
  testTimeout: 600_000,
  // The tests are most of the work of a run: they use every core.
  maxWorkers: '100%',
  extensionsToTreatAsEsm: ['.ts'],
  // TypeScript rewrites the `.ts` of relative imports; jest resolves the sources.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true }] },
  collectCoverageFrom: ['machines/**/*.ts', 'src/**/*.ts'],
  coverageReporters: ['text-summary', 'json-summary'],
  coverageThreshold: { './machines/': whole, './src/engine/': whole },
}
