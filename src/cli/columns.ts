import { stripVTControlCharacters } from 'node:util'

/** Formats rows as a table. Each column is as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string {
  const plain = rows.map((row) => row.map((cell) => stripVTControlCharacters(cell)))
  const widths = plain.reduce<number[]>(
    (widest, row) => row.map((cell, at) => Math.max(cell.length, widest[at] ?? 0)),
    [],
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return plain.map(line).join('\n')
}
