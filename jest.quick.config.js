import all from './jest.config.js'

// Stories play a few paths that together take every edge.
process.env.STORIES = 'edges'

/** The tests that answer in a minute. */
const quick = ['machines', 'engine', 'authoring', 'adapters', 'http', 'client', 'texts', 'stories']
const [covered] = all.projects

export default {
  ...all,
  projects: [
    {
      ...covered,
      displayName: 'quick',
      testMatch: [
        '<rootDir>/test/architecture.test.ts',
        ...quick.map((name) => `<rootDir>/test/${name}/**/*.test.ts`),
      ],
    },
  ],
}
