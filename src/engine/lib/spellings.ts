/**
 * A text that was decoded from a part of another one. The character at `index` stands for the characters of the other
 * text from `starts[index]` to before `ends[index]`.
 */
export interface Spelled {
  readonly text: string
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

/** Collects the characters of a {@link Spelled}. */
class Decoded implements Spelled {
  text = ''
  readonly starts: number[] = []
  readonly ends: number[] = []

  add(text: string, start: number, end: number): void {
    this.text += text
    for (let unit = 0; unit < text.length; unit++) {
      this.starts.push(start)
      this.ends.push(end)
    }
  }

  copy({ text, starts, ends }: Spelled, from: number, to: number): void {
    this.text += text.slice(from, to)
    for (let index = from; index < to; index++) {
      this.starts.push(starts[index] as number)
      this.ends.push(ends[index] as number)
    }
  }
}

/**
 * Returns a text in which letter case, and the encodings of a blank, make no difference. An upper-case letter can stand
 * for two lower-case ones.
 */
export function folded(spelled: Spelled): Spelled {
  const blank = spelled.text.replace(/[+\s]/g, ' ')
  // In Latin-1, only the sharp s changes its length, and no letter depends on the next one.
  if (!/[\u00df\u0100-\uffff]/.test(blank)) return { ...spelled, text: blank.toUpperCase().toLowerCase() }
  const decoded = new Decoded()
  for (let index = 0; index < blank.length; index++) {
    const text = blank.charAt(index).toUpperCase().toLowerCase()
    decoded.add(text, spelled.starts[index] as number, spelled.ends[index] as number)
  }
  return decoded
}

/** Returns the text itself. */
export function verbatim(text: string): Spelled {
  const decoded = new Decoded()
  decoded.text = text
  for (let index = 0; index < text.length; index++) {
    decoded.starts.push(index)
    decoded.ends.push(index + 1)
  }
  return decoded
}

const CONTROLS: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  0: '\0',
}

/** HTML's names of characters by code point: of ASCII, and of Latin-1 from 160 to 255. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ...Object.entries({
    9: 'Tab',
    10: 'NewLine',
    33: 'excl',
    34: 'quot QUOT',
    35: 'num',
    36: 'dollar',
    37: 'percnt',
    38: 'amp AMP',
    39: 'apos',
    40: 'lpar',
    41: 'rpar',
    42: 'ast midast',
    43: 'plus',
    44: 'comma',
    46: 'period',
    47: 'sol',
    58: 'colon',
    59: 'semi',
    60: 'lt LT',
    61: 'equals',
    62: 'gt GT',
    63: 'quest',
    64: 'commat',
    91: 'lsqb lbrack',
    92: 'bsol',
    93: 'rsqb rbrack',
    94: 'Hat',
    95: 'lowbar UnderBar',
    96: 'grave DiacriticalGrave',
    123: 'lcub lbrace',
    124: 'vert verbar VerticalLine',
    125: 'rcub rbrace',
    8364: 'euro',
  }).flatMap(([code, names]) =>
    names.split(' ').map((name) => [name, String.fromCharCode(Number(code))] as const),
  ),
  ...(
    'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute ' +
    'micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig ' +
    'Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash ' +
    'Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ' +
    'ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc ' +
    'uuml yacute thorn yuml'
  )
    .split(' ')
    .map((name, index) => [name, String.fromCharCode(160 + index)] as const),
])

/**
 * A syntax of escapes, and the character that each of them begins with. `textOf` returns the text of an escape, or null for
 * a run of bytes.
 */
interface Syntax {
  readonly mark: string
  readonly pattern: RegExp
  textOf(match: RegExpExecArray): string | null
}

const SYNTAXES: readonly Syntax[] = [
  {
    // JSON and JavaScript.
    mark: '\\',
    pattern: /((?:\\x[0-9a-f]{2})+)|\\u\{([0-9a-f]{1,6})\}|\\u([0-9a-f]{4})|\\([\s\S])/gi,
    textOf: ([, bytes, point, unit, mark = '']) => {
      if (bytes !== undefined) return null
      const code = point ?? unit
      return code === undefined ? (CONTROLS[mark] ?? mark) : characterOf(Number.parseInt(code, 16))
    },
  },
  {
    // HTML and XML.
    mark: '&',
    pattern: /&(?:#x([0-9a-f]{1,6});?|#(\d{1,7});?|([a-z][a-z0-9]{1,15});)/gi,
    textOf: ([whole, hex, decimal, name = '']) => {
      if (hex !== undefined) return characterOf(Number.parseInt(hex, 16))
      return decimal === undefined ? (NAMES.get(name) ?? whole) : characterOf(Number(decimal))
    },
  },
  {
    // URLs.
    mark: '%',
    pattern: /(?:%[0-9a-f]{2})+|%u([0-9a-f]{4})/gi,
    textOf: ([, unit]) => (unit === undefined ? null : characterOf(Number.parseInt(unit, 16))),
  },
]

/** Returns a text with its escapes decoded, by each syntax that it has escapes of. */
export const unescaped = (spelled: Spelled): readonly Spelled[] =>
  SYNTAXES.flatMap((syntax) => unescapedBy(syntax, spelled) ?? [])

function unescapedBy({ mark, pattern, textOf }: Syntax, spelled: Spelled): Spelled | null {
  if (!spelled.text.includes(mark)) return null
  const decoded = new Decoded()
  let done = 0
  for (const match of spelled.text.matchAll(pattern)) {
    const [{ length }] = match
    decoded.copy(spelled, done, match.index)
    done = match.index + length
    const text = textOf(match)
    if (text === null) addUtf8(decoded, escapedBytes(spelled, match))
    else decoded.add(text, spelled.starts[match.index] as number, spelled.ends[done - 1] as number)
  }
  if (done === 0) return null
  decoded.copy(spelled, done, spelled.text.length)
  return decoded
}

/** Returns the bytes of a run such as `%c3%a4` or `\\xc3\\xa4`. */
function escapedBytes(spelled: Spelled, { 0: run, index }: RegExpExecArray): SpelledBytes {
  const bytes = new SpelledBytes(spelled)
  const width = run.startsWith('%') ? 3 : 4
  for (let end = width; end <= run.length; end += width)
    bytes.add(Number.parseInt(run.slice(end - 2, end), 16), index + end - width, index + end - 1)
  return bytes
}

const characterOf = (point: number): string => (point > 0x10ffff ? '' : String.fromCodePoint(point))

/** Bytes, and the characters of a text that each was decoded from. */
class SpelledBytes {
  readonly values: number[] = []
  readonly starts: number[] = []
  readonly ends: number[] = []
  readonly #of: Spelled

  constructor(of: Spelled) {
    this.#of = of
  }

  add(byte: number, first: number, last: number): void {
    this.values.push(byte)
    this.starts.push(this.#of.starts[first] as number)
    this.ends.push(this.#of.ends[last] as number)
  }
}

/** Adds UTF-8. A byte that is not UTF-8 becomes the character of Latin-1. */
function addUtf8(decoded: Decoded, { values, starts, ends }: SpelledBytes): void {
  for (let index = 0; index < values.length; ) {
    const byte = values[index] as number
    const length = byte < 0xc2 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 1
    const rest = length === 1 ? [] : values.slice(index + 1, index + length)
    const isUtf8 = length > 1 && rest.length === length - 1 && rest.every((next) => next >> 6 === 0b10)
    const point = isUtf8
      ? rest.reduce((bits, next) => (bits << 6) | (next & 0x3f), byte & (0x7f >> length))
      : byte
    const count = isUtf8 ? length : 1
    decoded.add(characterOf(point), starts[index] as number, ends[index + count - 1] as number)
    index += count
  }
}

const HEX = /[0-9a-f](?:[ ,:-]{0,2}[0-9a-f]){7,}/gi
const BASE64 = /[a-z0-9+/_-]{6,}/gi
const LIST = /\d{1,3}(?:,\s{0,9}\d{1,3}){3,}/g

/** Returns the texts that hexadecimal, base64 and lists of bytes in a text can stand for, each at every alignment. */
export function decodedBytes(spelled: Spelled): readonly Spelled[] {
  const { text } = spelled
  const found: Spelled[] = []
  const add = (bytes: SpelledBytes) => {
    const decoded = new Decoded()
    addUtf8(decoded, bytes)
    found.push(decoded)
  }
  for (const { 0: run, index } of text.matchAll(HEX)) {
    const digits = [...run.matchAll(/[0-9a-f]/gi)].map((digit) => index + digit.index)
    for (const offset of [0, 1]) {
      const bytes = new SpelledBytes(spelled)
      for (let at = offset; at + 1 < digits.length; at += 2) {
        const [high, low] = [digits[at] as number, digits[at + 1] as number]
        bytes.add(Number.parseInt(`${text[high]}${text[low]}`, 16), high, low)
      }
      add(bytes)
    }
  }
  for (const { 0: run, index } of text.matchAll(BASE64)) {
    const sextets = Array.from(run, (sign) => SEXTETS.get(sign) as number)
    for (const offset of [0, 1, 2, 3]) {
      const bytes = new SpelledBytes(spelled)
      // A byte is the end of one character and the beginning of the next.
      for (let at = offset, shift = 2; at + 1 < sextets.length; at++) {
        if (shift === 8) {
          shift = 2
          continue
        }
        const byte = ((sextets[at] as number) << shift) | ((sextets[at + 1] as number) >> (6 - shift))
        bytes.add(byte & 0xff, index + at, index + at + 1)
        shift += 2
      }
      add(bytes)
    }
  }
  for (const { 0: run, index } of text.matchAll(LIST)) {
    const bytes = new SpelledBytes(spelled)
    for (const number of run.matchAll(/\d+/g)) {
      const first = index + number.index
      bytes.add(Number(number[0]) & 0xff, first, first + number[0].length - 1)
    }
    add(bytes)
  }
  return found
}

const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** The values of the characters of base64 and base64url. */
const SEXTETS: ReadonlyMap<string, number> = new Map([
  ...[...`${SIGNS}+/`].map((sign, value) => [sign, value] as const),
  ...[...`${SIGNS}-_`].map((sign, value) => [sign, value] as const),
])
