import type { Values } from './message.ts'
import type { Wording } from './wording.ts'

/** What an integration's own titles, and those of its fields, count as. */
export const MOTHER_TONGUE = 'en'

/** What one integration says in one language. */
export class Book {
  readonly language: string
  /** The best first: what it does not say, the next one says. */
  readonly #wordings: readonly Wording[]

  constructor(language: string, wordings: readonly Wording[]) {
    this.language = language
    this.#wordings = wordings
  }

  /** What the best wording says that has any of these keys, by the first of them that it has. */
  say(keys: readonly string[], values: Values = {}): string | undefined {
    for (const wording of this.#wordings) {
      for (const key of keys) {
        const message = wording.get(key)
        if (message !== undefined) return message.say(values)
      }
    }
    return undefined
  }

  /** The same for what the standard texts have a word for, in English at the least. */
  tell(keys: readonly string[], values: Values = {}): string {
    return this.say(keys, values) ?? keys.join(' ')
  }

  /** The same for what the integration's code has a word for, which counts as English. */
  name(keys: readonly string[], word: string): string {
    for (const wording of this.#wordings) {
      const key = keys.find((one) => wording.texts.has(one))
      if (key !== undefined) return wording.get(key)?.say({}) ?? word
      if (wording.language === MOTHER_TONGUE) return word
    }
    return word
  }
}
