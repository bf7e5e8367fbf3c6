import type { Json } from '../ports/json.ts'

/** Whether two values are the same, in whatever order their members stand. */
export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  return textOf(one) === textOf(other)
}

const textOf = (value: Json | undefined): string | undefined =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
