/** The largest number of values of one label. */
const MOST = 200

/** A name or code, as integrations and the engine write them. */
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/

type Labels = Readonly<Record<string, string | null>>

/**
 * Returns a function that limits the values of each label: a value that is not a name, or one too many, becomes
 * `other`. A collector stores a series for each combination. Null leaves the label out.
 */
export function boundedLabels(): (labels: Labels) => Record<string, string> {
  const known = new Map<string, Set<string>>()
  const bound = (label: string, value: string): string => {
    if (!NAME.test(value)) return 'other'
    const values = known.get(label) ?? new Set()
    known.set(label, values)
    if (values.has(value)) return value
    if (values.size >= MOST) return 'other'
    values.add(value)
    return value
  }
  return (labels) =>
    Object.fromEntries(
      Object.entries(labels).flatMap(([label, value]) =>
        value === null ? [] : [[`latchkey.${label}`, bound(label, value)]],
      ),
    )
}
