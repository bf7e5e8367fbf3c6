import type { Log } from '../../ports/log.ts'
import type { Catalogues } from '../../texts/catalogue.ts'
import { lookup, type RequestedLanguages } from '../../texts/languages.ts'
import { standardTexts } from '../../texts/standard-texts.ts'
import { Translator } from '../../texts/translator.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { Localizer } from './localizer.ts'

/** The maximum number of unknown codes that are logged. */
const MAX_LOGGED = 1_000

/** The available languages: those of the standard texts and of the integrations. */
export class Languages {
  /** The localizer of the host's language. */
  readonly localizer: Localizer
  /** The tags of all available languages, the host's language first. */
  readonly tags: readonly string[]
  readonly #integrations: ReadonlyMap<string, Compiled>
  readonly #known: ReadonlySet<string>
  readonly #localizers = new Map<string, Localizer>()

  readonly #unknownCode: (domain: string, code: string) => void

  constructor(integrations: ReadonlyMap<string, Compiled>, language: string, log: Log) {
    this.#integrations = integrations
    const logged = new Set<string>()
    this.#unknownCode = (domain, code) => {
      const key = `${domain} ${code}`
      if (logged.has(key) || logged.size >= MAX_LOGGED) return
      logged.add(key)
      log.warn({ domain, code }, 'An error code of an integration has no text. Add it to its texts.')
    }
    const integrationTags = [...integrations.values()].flatMap(({ catalogues }) => [...catalogues.keys()])
    this.#known = new Set([language, ...standardTexts.keys(), ...integrationTags])
    this.tags = [...this.#known]
    this.localizer = this.#localizerOf(language)
  }

  /**
   * Returns the localizer of the best match for the requested languages (RFC 4647, 3.4); the host's if none matches.
   */
  localizerFor(requested: RequestedLanguages | undefined): Localizer {
    const language = requested === undefined ? null : lookup(requested, this.#known)
    return language === null ? this.localizer : this.#localizerOf(language)
  }

  #localizerOf(language: string): Localizer {
    let localizer = this.#localizers.get(language)
    if (localizer === undefined) {
      const compiled = [...this.#integrations.values()]
      const own = compiled.map(
        ({ domain, catalogues, listing }) =>
          [domain, this.#translator(language, [catalogues, listing.advice])] as const,
      )
      localizer = new Localizer(
        this.#translator(language, []),
        new Map(own),
        this.#integrations,
        this.#unknownCode,
      )
      this.#localizers.set(language, localizer)
    }
    return localizer
  }

  /** Texts that an integration lacks in a language fall back to the standard texts, then to the host's language. */
  #translator(language: string, own: readonly Catalogues[]): Translator {
    return Translator.for(language, [...own, standardTexts], this.tags[0])
  }
}
