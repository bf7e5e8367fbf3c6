import { type Message, readMessage } from './message.ts'

/** Texts of one language by their keys, as `error.cannot_connect`. Each message is read once, when it is first said. */
export class Wording {
  readonly language: string
  readonly texts: ReadonlyMap<string, string>
  readonly #messages = new Map<string, Message>()

  constructor(language: string, texts: object) {
    this.language = language
    this.texts = new Map(flat(texts, ''))
  }

  get(key: string): Message | undefined {
    const text = this.texts.get(key)
    if (text === undefined) return undefined
    let message = this.#messages.get(key)
    if (message === undefined) {
      message = readMessage(text, this.language)
      this.#messages.set(key, message)
    }
    return message
  }
}

function flat(texts: object, prefix: string): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === 'string') return [[prefix + key, value]]
    return typeof value === 'object' && value !== null ? flat(value, `${prefix}${key}.`) : []
  })
}
