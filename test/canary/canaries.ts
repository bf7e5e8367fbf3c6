/**
 * Secrets that can be found in any encoding. Each has quotes, a newline, letters beyond ASCII, `%`,
 * `+`, `/` and a backslash, and between them plain words that no escaping changes: one of them left over is a leak.
 */
export const names = [
  'password',
  'apikey',
  'code',
  'state',
  'next',
  'wrong',
  'keyname',
  // Of a sign-in at a service: the client secret, and the granted tokens.
  'client',
  'grant',
  'access',
  'refresh',
  'rotated',
  'identity',
  'device',
  // Of a sub-entry.
  'feed',
  // In the answers of a receiver of webhooks.
  'answer',
  // The key of the page.
  'start',
] as const
export type CanaryName = (typeof names)[number]

/** The common ending of all canaries: a text without it needs no further search. */
const mark = 'Xq7Zwk'
const wordsOf = (name: CanaryName): readonly string[] =>
  Array.from({ length: 7 }, (_, number) => `${name}${number}${mark}`)

function canaryOf(name: CanaryName): string {
  const [a, b, c, d, e, f, g] = wordsOf(name)
  return `${a}"${b}'\n${c}\`üß漢é${d} %41&${e}+/=${f}\\${g}`
}

export const canaries = Object.fromEntries(names.map((name) => [name, canaryOf(name)])) as Readonly<
  Record<CanaryName, string>
>

/** A start token that can be found: it has only the characters that such a token can have. */
export const startToken = wordsOf('start').join('.')

interface Forms {
  readonly folded: readonly string[]
  readonly exact: readonly string[]
}

const known = new Map<string, Forms>()

/** The forms of a word in which a text may hold it, worked out once. */
function formsOf(word: string): Forms {
  const forms = known.get(word) ?? makeForms(word)
  known.set(word, forms)
  return forms
}

/** Escaped and percent forms leave the letters of a word as they are. */
function makeForms(word: string): Forms {
  const bytes = Buffer.from(word)
  const hex = bytes.toString('hex')
  const pairs = hex.match(/../g) ?? []
  return {
    folded: [
      word,
      hex,
      pairs.join(' '),
      pairs.map((pair) => `%${pair}`).join(''),
      pairs.map((pair) => `%25${pair}`).join(''),
      pairs.map((pair) => `&#x${pair};`).join(''),
      [...bytes].map((byte) => `&#${byte};`).join(''),
      [...bytes].join(','),
      [...bytes].join(', '),
      [...word].join('\0'),
    ].map((form) => form.toLowerCase()),
    exact: [0, 1, 2].map((offset) => {
      const whole = Buffer.concat([Buffer.alloc(offset), bytes])
        .toString('base64')
        .replace(/=+$/, '')
      // The characters at the ends share bits with their neighbors.
      const end = ((offset + bytes.length) * 8) % 6 === 0 ? whole.length : -1
      return whole.slice(Math.ceil((offset * 8) / 6), end)
    }),
  }
}

/** Returns the canaries that a text contains, plain or encoded. */
export function wordsIn(text: string, words: readonly string[]): string[] {
  const folded = text.toLowerCase()
  const exact = text.replaceAll('-', '+').replaceAll('_', '/')
  return words.filter((word) => {
    const forms = formsOf(word)
    return (
      forms.folded.some((form) => folded.includes(form)) || forms.exact.some((form) => exact.includes(form))
    )
  })
}

const all = names.flatMap(wordsOf)

/** The words of any canary that a text holds. */
export function leaksIn(text: string): string[] {
  return wordsIn(text, [mark]).length === 0 ? [] : wordsIn(text, all)
}
