/** A value that left the engine, and its sink. */
export interface Shown {
  readonly where: string
  readonly what: unknown
}

/** Shorter texts occur in other texts by chance. */
const SHORTEST = 4

/** Returns the places that contain a secret, plain or in a common encoding. Never returns the secret itself. */
export function leaks(shown: readonly Shown[], secrets: Iterable<string>): readonly string[] {
  const forms = [...secrets].filter(({ length }) => length >= SHORTEST).flatMap(formsOf)
  const places = shown.filter(({ what }) => {
    const text = JSON.stringify(what) ?? ''
    return forms.some((form) => text.includes(form))
  })
  return [...new Set(places.map(({ where }) => where))]
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  return [
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ]
}
