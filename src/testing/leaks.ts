/** A value that left the engine, and its sink. */
export interface Shown {
  readonly where: string
  readonly what: unknown
}

/** Shorter texts occur in other texts by chance. */
const SHORTEST = 4

/** Returns the places that contain a secret, plain or in a common encoding. Never returns the secret itself. */
export function leaks(shown: readonly Shown[], secrets: Iterable<string>): readonly string[] {
  const isLeak = search(secrets)
  return [...new Set(shown.filter(({ what }) => isLeak(what)).map(({ where }) => where))]
}

/** Returns the stored fields that contain a secret unencrypted. */
export function clearFields(shown: readonly Shown[], secrets: Iterable<string>): readonly string[] {
  const isLeak = search(secrets)
  const found = shown.flatMap(({ what }) => {
    const data = typeof what === 'object' && what !== null && 'data' in what ? what.data : null
    const fields = typeof data === 'object' && data !== null ? Object.entries(data) : []
    return fields.filter(([, value]) => isLeak(value)).map(([field]) => field)
  })
  return [...new Set(found)]
}

/** Returns the texts of entries in which Latchkey has replaced a secret. */
export function replacedTexts(shown: readonly Shown[]): readonly string[] {
  const names = ['title', 'account']
  return names.filter((name) =>
    shown.some(({ what }) => String(Object(what)[name] ?? '').includes('[secret]')),
  )
}

/** Returns a function that searches a value for secrets. */
function search(secrets: Iterable<string>): (what: unknown) => boolean {
  const forms = [...secrets].filter(({ length }) => length >= SHORTEST).flatMap(formsOf)
  return (what) => {
    const text = JSON.stringify(what) ?? ''
    return forms.some((form) => text.includes(form))
  }
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
