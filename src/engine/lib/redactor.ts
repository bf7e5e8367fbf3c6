import { decodedBytes, folded, type Spelled, unescaped, verbatim } from './spellings.ts'

const REDACTED = '[secret]'

/** A shorter secret would be given away by redacting it. */
const MIN_SECRET = 4

/** The length of a part of a secret that is redacted. Libraries quote parts of their input. */
const PART = 8

/** A text up to this length is compared with the secrets first: titles rarely contain one, and tokens are long. */
const SHORT_TEXT = 300

/** The number of times that a text is unescaped, in any order of the syntaxes. */
const MAX_ESCAPES = 3

/** The number of times that a text is unescaped before its bytes are decoded. */
const MAX_ESCAPES_OF_BYTES = 1

/**
 * Words that explain an error and that are never redacted, although a response can contain them. A secret that begins
 * or ends with one of them is redacted.
 */
const WORDS = new RegExp(
  `\\[(?:secret|draft|connection)\\]|(?<![\\w-])(?:${[
    // OAuth 2 (RFC 6749, 6750, 7009, 7591, 8628, 9449) and OpenID Connect.
    'access_denied|account_selection_required|authorization_pending|consent_required|expired_token|insufficient_scope',
    'interaction_required|invalid_client|invalid_client_metadata|invalid_dpop_proof|invalid_grant|invalid_redirect_uri',
    'invalid_request|invalid_request_object|invalid_request_uri|invalid_scope|invalid_target|invalid_token',
    'login_required|registration_not_supported|request_not_supported|request_uri_not_supported|server_error|slow_down',
    'temporarily_unavailable|unauthorized_client|unmet_authentication_requirements|unsupported_grant_type',
    'unsupported_response_type|unsupported_token_type|use_dpop_nonce',
    'access_token|authorization_code|client_credentials|client_id|client_secret|code_challenge|code_verifier',
    'device_code|error_description|error_uri|expires_in|grant_type|id_token|offline_access|redirect_uri',
    'refresh_token|response_type|scope|token_type|user_code|verification_uri|verification_uri_complete',
  ].join('|')})(?![\\w-])`,
  'gi',
)

/** The secrets to redact from a text. */
export class Redactor {
  /** The secrets that are too short to be redacted. */
  readonly #short: ReadonlySet<string>
  /** The texts to redact, by their length. */
  readonly #needles = new Map<number, Set<string>>()
  /** The first two characters of the texts to redact. */
  readonly #starts = new Set<number>()
  /** Whether one of these texts begins with a character that has these lowest 8 bits. Most characters are not in question. */
  readonly #firsts = new Uint8Array(0x100)
  /** The secrets to redact, as they are searched for. */
  readonly #secrets: readonly string[]
  readonly #part: number
  #isPrepared = false

  /** `part` is the length of the parts of secrets that are redacted, too. */
  constructor(secrets: readonly string[], part = PART) {
    this.#part = part
    this.#short = new Set(
      secrets.filter((secret) => secret !== '' && secret.length < MIN_SECRET).map(needleOf),
    )
    const long = secrets.filter(({ length }) => length >= MIN_SECRET).map(needleOf)
    // Some passwords are shown in groups, and integrations join them.
    const whole = new Set(long.flatMap((text) => [text, text.replaceAll(' ', '')]))
    this.#secrets = [...whole].filter(({ length }) => length >= MIN_SECRET)
  }

  #prepare(): void {
    if (this.#isPrepared) return
    this.#isPrepared = true
    for (const secret of this.#secrets) this.#addParts(secret)
  }

  #addParts(text: string): void {
    const length = Math.min(text.length, this.#part)
    for (let at = 0; at + length <= text.length; at++) this.#add(text.slice(at, at + length))
  }

  #add(needle: string): void {
    // Blanks are a part of many texts, and give nothing away.
    if (needle.trim() === '') return
    const same = this.#needles.get(needle.length) ?? new Set()
    this.#needles.set(needle.length, same.add(needle))
    this.#starts.add(startAt(needle, 0))
    this.#firsts[needle.charCodeAt(0) & 0xff] = 1
  }

  /** Returns a text without the secrets: in one pass, so that no replacement is redacted again. */
  redact(text: string): string {
    if (this.#secrets.length === 0 || (text.length <= SHORT_TEXT && !this.#isIn(text))) return text
    this.#prepare()
    const runs = joined(this.#found(text)).map(withoutBlanks(text)).filter(isMoreThanWord(text))
    let rest = ''
    let done = 0
    for (const { start, end } of runs) {
      rest += text.slice(done, start) + REDACTED
      done = end
    }
    return rest + text.slice(done)
  }

  /** Whether a short text contains a part of a secret. */
  #isIn(text: string): boolean {
    return spellingsOf(text).some((spelled) => {
      const plain = folded(spelled).text
      return this.#secrets.some((secret) => {
        const length = Math.min(secret.length, this.#part)
        for (let at = 0; at + length <= plain.length; at++)
          if (secret.includes(plain.slice(at, at + length))) return true
        return false
      })
    })
  }

  /** Whether a text can contain a secret that is too short to be redacted. It must not be shown at all. */
  canQuoteShort(text: string): boolean {
    if (this.#short.size === 0) return false
    return spellingsOf(text).some((spelled) => {
      const plain = folded(spelled).text
      return [...this.#short].some((secret) => plain.includes(secret))
    })
  }

  /**
   * Whether a secret that is too short to be redacted is a word of a text. For texts of an author, which a short secret
   * can be a part of by chance.
   */
  hasShortWord(text: string): boolean {
    if (this.#short.size === 0) return false
    return spellingsOf(text).some((spelled) => {
      const plain = folded(spelled).text
      return [...this.#short].some((secret) => isWordOf(plain, secret))
    })
  }

  /** Returns the places of the secrets. */
  #found(text: string): Run[] {
    const runs: Run[] = []
    for (const spelled of spellingsOf(text)) this.#search(spelled, runs)
    return runs
  }

  #search(spelled: Spelled, runs: Run[]): void {
    const { text, starts, ends } = folded(spelled)
    for (let at = 0; at + MIN_SECRET <= text.length; at++) {
      if (this.#firsts[text.charCodeAt(at) & 0xff] === 0 || !this.#starts.has(startAt(text, at))) continue
      for (const [length, needles] of this.#needles) {
        if (!needles.has(text.slice(at, at + length))) continue
        runs.push({ start: starts[at] as number, end: ends[at + length - 1] as number })
      }
    }
  }
}

/** Whether a part of a text has no letter or digit next to it. */
function isWordOf(text: string, part: string): boolean {
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1))
    if (!LETTER.test(text.charAt(at - 1)) && !LETTER.test(text.charAt(at + part.length))) return true
  return false
}

const LETTER = /[\p{L}\p{N}]/u

/** Returns what a text can stand for, with any combination of escapes around at most one encoding of bytes. */
function spellingsOf(text: string): readonly Spelled[] {
  const found: Spelled[] = []
  const seen = new Set<string>()
  let layer: readonly Spelled[] = [verbatim(text)]
  for (let escapes = 0; layer.length > 0 && escapes <= MAX_ESCAPES; escapes++) {
    const next: Spelled[] = []
    for (const spelled of layer) {
      // Different orders of decoding can result in the same text.
      if (seen.has(spelled.text)) continue
      seen.add(spelled.text)
      found.push(spelled)
      next.push(...unescaped(spelled))
      if (escapes > MAX_ESCAPES_OF_BYTES) continue
      for (const bytes of decodedBytes(spelled)) found.push(bytes, ...unescaped(bytes))
    }
    layer = next
  }
  return found
}

/** A part of a text. */
interface Run {
  readonly start: number
  readonly end: number
}

const startAt = (text: string, at: number): number => text.charCodeAt(at) * 0x10000 + text.charCodeAt(at + 1)

/** Returns a secret as it is searched for. */
const needleOf = (secret: string): string => folded(verbatim(secret)).text

/** Joins parts that overlap or touch. */
function joined(runs: readonly Run[]): readonly Run[] {
  const sorted = [...runs].sort((a, b) => a.start - b.start || a.end - b.end)
  const whole: Run[] = []
  for (const run of sorted) {
    const last = whole.at(-1)
    if (last === undefined || run.start > last.end) whole.push(run)
    else if (run.end > last.end) whole[whole.length - 1] = { start: last.start, end: run.end }
  }
  return whole
}

/** Returns a function for parts of a text: the part without the blanks at its ends. */
const withoutBlanks =
  (text: string) =>
  ({ start, end }: Run): Run => {
    const part = text.slice(start, end)
    const first = start + part.length - part.trimStart().length
    return { start: first, end: first + part.trim().length }
  }

/** Returns a function for parts in ascending order: whether one is more than a part of one of the {@link WORDS}. */
function isMoreThanWord(text: string): (run: Run) => boolean {
  const words = [...text.matchAll(WORDS)].map(({ 0: word, index }) => ({
    start: index,
    end: index + word.length,
  }))
  let at = 0
  return ({ start, end }) => {
    while (at < words.length && (words[at] as Run).end < end) at++
    return at === words.length || (words[at] as Run).start > start
  }
}
