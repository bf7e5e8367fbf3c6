import { IntlMessageFormat } from 'intl-messageformat'

/** What is put in for the placeholders of a message. It is shown as it is: nothing in it is read as a message. */
export type Values = Readonly<Record<string, string>>

/** An ICU message, read once. */
export interface Message {
  readonly placeholders: ReadonlySet<string>
  /** What it says outside its placeholders. */
  readonly literals: string
  /** What it says with these values; a placeholder without one is left empty. */
  say(values: Values): string
}

type Parts = ReturnType<IntlMessageFormat['getAst']>

/** The kinds of part that strings can fill. A date would need another kind of value, and a tag is no text. */
const FILLED = new Set([1, 2, 5, 6])
const LITERAL = 0
const POUND = 7

/** @throws SyntaxError where it is no ICU message, or holds a kind of placeholder that no text can fill */
export function readMessage(text: string, language: string): Message {
  if (!/[{}']/.test(text)) return { placeholders: new Set(), literals: text, say: () => text }
  const format = new IntlMessageFormat(text, language, undefined, { ignoreTag: true })
  const parts = format.getAst()
  const placeholders = new Set<string>()
  const literals = look(parts, placeholders)
  // Most messages have names in them and nothing to count. To put them together costs a tenth of formatting them.
  if (parts.every(({ type }) => type <= 1)) {
    const pieces = parts.map((part) => ({
      name: part.type === LITERAL ? null : contentOf(part),
      text: contentOf(part),
    }))
    const say = (values: Values): string => {
      let said = ''
      for (const { name, text } of pieces) said += name === null ? text : (values[name] ?? '')
      return said
    }
    return { placeholders, literals, say }
  }
  const empty = Object.fromEntries([...placeholders].map((name) => [name, '']))
  return { placeholders, literals, say: (values) => String(format.format({ ...empty, ...values })) }
}

/** Collects the placeholders of some parts. @returns what they say besides */
function look(parts: Parts, placeholders: Set<string>): string {
  let literals = ''
  for (const part of parts) {
    if (part.type === LITERAL) literals += contentOf(part)
    else if (FILLED.has(part.type)) placeholders.add(contentOf(part))
    else if (part.type !== POUND)
      throw new SyntaxError(`A text cannot have ${contentOf(part)} as a date or a time.`)
    if ('options' in part)
      for (const { value } of Object.values(part.options)) literals += look(value, placeholders)
  }
  return literals
}

const contentOf = (part: Parts[number]): string => ('value' in part ? part.value : '')
