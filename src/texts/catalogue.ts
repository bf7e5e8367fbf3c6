import { type Message, parseMessage } from './message.ts'

/** Catalogues by their language. */
export type Catalogues = ReadonlyMap<string, Catalogue>

/** The ICU messages of one language by key, such as `error.cannot_connect`. Each one is parsed on first use. */
export class Catalogue {
  readonly language: string
  readonly texts: ReadonlyMap<string, string>
  readonly #messages = new Map<string, Message>()

  /** Flattens `texts`, which may be nested. A key or group that is `undefined` is left out. */
  constructor(language: string, texts: object) {
    this.language = language
    this.texts = new Map(flatten(texts, ''))
  }

  /** @throws SyntaxError if the text is not an ICU message */
  message(key: string): Message | undefined {
    const text = this.texts.get(key)
    if (text === undefined) return undefined
    let message = this.#messages.get(key)
    if (message === undefined) {
      message = parseMessage(text, this.language)
      this.#messages.set(key, message)
    }
    return message
  }
}

/** Makes catalogues of texts by language. */
export const cataloguesOf = (texts: Readonly<Record<string, object>>): Catalogues =>
  new Map(Object.entries(texts).map(([language, each]) => [language, new Catalogue(language, each)]))

function flatten(texts: object, prefix: string): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === 'string') return [[prefix + key, value]]
    return typeof value === 'object' && value !== null ? flatten(value, `${prefix}${key}.`) : []
  })
}
