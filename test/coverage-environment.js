import Environment from './environment.js'

/** The counters that this process has already reported as covered, by file. */
const reported = new Map()

/** Whether a test file was the first of this process to cover some statement, function or branch of a source file. */
function addsCoverage({ path, s, f, b }) {
  const known = reported.get(path) ?? new Set()
  reported.set(path, known)
  const before = known.size
  for (const [kind, counts] of [
    ['s', s],
    ['f', f],
  ])
    for (const id in counts) if (counts[id] > 0) known.add(kind + id)
  for (const id in b) for (const arm in b[id]) if (b[id][arm] > 0) known.add(`b${id},${arm}`)
  return known.size > before
}

/**
 * Reports the coverage of a source file only if a test file adds to it. Copying and merging that of all source files
 * after each test file takes as long as a third of the tests. The number of hits is therefore not meaningful.
 */
export default class CoverageEnvironment extends Environment {
  handleTestEvent({ name }) {
    const coverage = this.global.__coverage__
    if (name !== 'run_finish' || coverage === undefined) return
    for (const path of Object.keys(coverage)) if (!addsCoverage(coverage[path])) delete coverage[path]
  }
}
