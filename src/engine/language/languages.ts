import { Book, MOTHER_TONGUE } from '../../texts/book.ts'
import { de } from '../../texts/de.ts'
import { en } from '../../texts/en.ts'
import { lookup, type Wanted, widened } from '../../texts/languages.ts'
import { Wording } from '../../texts/wording.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { Voice } from './localizer.ts'

const NONE: ReadonlyMap<string, Wording> = new Map()

const standard: ReadonlyMap<string, Wording> = new Map(
  Object.entries({ en, de }).map(([language, texts]) => [language, new Wording(language, texts)]),
)

/** The languages that the engine speaks: the standard ones, and those of the integrations. */
export class Speech {
  /** For whoever names no language. */
  readonly voice: Voice
  /** Every language that something is said in, the host's own first. */
  readonly languages: readonly string[]
  readonly #integrations: ReadonlyMap<string, Compiled>
  readonly #known: ReadonlySet<string>
  readonly #voices = new Map<string, Voice>()

  constructor(integrations: ReadonlyMap<string, Compiled>, language: string) {
    this.#integrations = integrations
    const spoken = [...integrations.values()].flatMap(({ wordings }) => [...wordings.keys()])
    this.#known = new Set([language, ...standard.keys(), ...spoken])
    this.languages = [...this.#known]
    this.voice = this.#voiceOf(language)
  }

  /** The voice that comes closest to what somebody wants to hear (RFC 4647, 3.4); the host's own where none does. */
  in(wanted: Wanted | undefined): Voice {
    const language = wanted === undefined ? null : lookup(wanted, this.#known)
    return language === null ? this.voice : this.#voiceOf(language)
  }

  #voiceOf(language: string): Voice {
    let voice = this.#voices.get(language)
    if (voice === undefined) {
      const compiled = [...this.#integrations.values()]
      const books = compiled.map((one) => [one.domain, this.#book(language, one.wordings)] as const)
      voice = new Voice(this.#book(language, NONE), new Map(books), compiled)
      this.#voices.set(language, voice)
    }
    return voice
  }

  /** What an integration does not say in a language is said in the standard words, then in the host's language. */
  #book(language: string, own: ReadonlyMap<string, Wording>): Book {
    const order = new Set([...widened(language), ...widened(this.languages[0] as string), MOTHER_TONGUE])
    const wordings = [...order].flatMap((tag) => [own.get(tag), standard.get(tag)])
    return new Book(
      language,
      wordings.filter((wording) => wording !== undefined),
    )
  }
}
