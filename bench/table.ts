import type { Result } from './result.ts'
import { judge } from './targets.ts'

const HEAD = ['name', 'value', 'unit', 'ratio', 'to', 'target', '']
const RIGHT = new Set([1, 3])

/** Formats the results as aligned text. */
export function table(results: readonly Result[]): string {
  const rows = [HEAD, ...results.map(rowOf)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        RIGHT.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return rows.map(line).join('\n')
}

function rowOf(result: Result): string[] {
  const { name, value, unit, versus = '', ratio } = result
  const verdict = judge(result)
  const verdictText = verdict === null ? '' : verdict.met ? 'pass' : 'FAIL'
  return [
    name,
    short(value),
    unit,
    ratio === undefined ? '' : ratio.toFixed(2),
    versus,
    verdict?.target ?? '',
    verdictText,
  ]
}

function short(value: number): string {
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3)
}
