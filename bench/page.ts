import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { median } from './measure.ts'
import type { Bench, Result } from './result.ts'

const SIZES = [2_000, 10_000]
const FEW = 20

interface Measured {
  readonly firstRows: { readonly few: readonly number[]; readonly many: readonly number[] }
  readonly requests: number
  readonly rows: number
  /** The longest task of each new name, in milliseconds. */
  readonly renames: readonly number[]
  /** The sum of the long tasks of 100 changes at once. */
  readonly changes: readonly number[]
  /** The longest task of a search. */
  readonly searches: readonly number[]
}

/** The page in Chromium: its requests, its rows and its long tasks, and its time against 20 connections. */
export const pageBench: Bench = {
  names: SIZES.flatMap((size) =>
    ['requests', 'rows', 'rename-task', 'changes-tasks', 'search-task', 'first-row'].map(
      (name) => `page/${name}-${size}`,
    ),
  ),
  run: async () => SIZES.flatMap(measured),
}

function measured(size: number): Result[] {
  const child = join(import.meta.dirname, '../test/page/acceptance/scale-child.ts')
  const output = execFileSync(process.execPath, [child, String(FEW), String(size)], { encoding: 'utf8' })
  const { firstRows, requests, rows, renames, changes, searches }: Measured = JSON.parse(output)
  const [value, versus] = [median(firstRows.many), median(firstRows.few)]
  return [
    { name: `page/requests-${size}`, value: requests, unit: 'requests' },
    { name: `page/rows-${size}`, value: rows, unit: 'rows' },
    { name: `page/rename-task-${size}`, value: median(renames), unit: 'ms' },
    { name: `page/changes-tasks-${size}`, value: median(changes), unit: 'ms' },
    { name: `page/search-task-${size}`, value: median(searches), unit: 'ms' },
    {
      name: `page/first-row-${size}`,
      value,
      unit: 'ms',
      versus: `${FEW} connections`,
      ratio: value / versus,
    },
  ]
}
