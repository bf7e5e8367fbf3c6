import type { Catalogue, Catalogues } from './catalogue.ts'
import { SOURCE_LANGUAGE, widened } from './languages.ts'
import type { Values } from './message.ts'

/** Formats the texts of one language, with fallbacks for those that it does not have. */
export class Translator {
  readonly language: string
  /** In order of preference. */
  readonly #catalogues: readonly Catalogue[]

  constructor(language: string, catalogues: readonly Catalogue[]) {
    this.language = language
    this.#catalogues = catalogues
  }

  /**
   * Falls back from `de-AT` to `de`, then to the fallback language, then to English. In each language, a catalogue
   * overrides those of the layers after it.
   */
  static for(language: string, layers: readonly Catalogues[], fallback = SOURCE_LANGUAGE): Translator {
    const order = new Set([...widened(language), ...widened(fallback), SOURCE_LANGUAGE])
    const catalogues = [...order].flatMap((tag) => layers.map((layer) => layer.get(tag)))
    return new Translator(
      language,
      catalogues.filter((catalogue) => catalogue !== undefined),
    )
  }

  /** Formats the first of the keys that the first catalogue with any of them has. */
  find(keys: readonly string[], values: Values = {}): string | undefined {
    for (const catalogue of this.#catalogues) {
      for (const key of keys) {
        const message = catalogue.message(key)
        if (message !== undefined) return message.format(values)
      }
    }
    return undefined
  }

  /** As `find`, for keys with a standard text. Returns the keys themselves if no catalogue has one. */
  text(keys: readonly string[], values: Values = {}): string {
    return this.find(keys, values) ?? keys.join(' ')
  }

  /** Returns the text for a label that an integration defines in its code, which counts as an English text. */
  label(keys: readonly string[], label: string): string {
    for (const catalogue of this.#catalogues) {
      const key = keys.find((each) => catalogue.texts.has(each))
      if (key !== undefined) return catalogue.message(key)?.format({}) ?? label
      if (catalogue.language === SOURCE_LANGUAGE) return label
    }
    return label
  }
}
