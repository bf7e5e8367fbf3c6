import type { Catalogues } from '../../texts/catalogue.ts'
import { lookup, type RequestedLanguages } from '../../texts/languages.ts'
import { standardTexts } from '../../texts/standard-texts.ts'
import { Translator } from '../../texts/translator.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { Localizer } from './localizer.ts'

const NONE: Catalogues = new Map()

/** The languages that the engine speaks: the standard ones, and those of the integrations. */
export class Languages {
  /** For whoever names no language. */
  readonly localizer: Localizer
  /** Every language that something is said in, the host's own first. */
  readonly languages: readonly string[]
  readonly #integrations: ReadonlyMap<string, Compiled>
  readonly #known: ReadonlySet<string>
  readonly #localizers = new Map<string, Localizer>()

  constructor(integrations: ReadonlyMap<string, Compiled>, language: string) {
    this.#integrations = integrations
    const localizedApi = [...integrations.values()].flatMap(({ catalogues }) => [...catalogues.keys()])
    this.#known = new Set([language, ...standardTexts.keys(), ...localizedApi])
    this.languages = [...this.#known]
    this.localizer = this.#localizerOf(language)
  }

  /** The voice that comes closest to what somebody wants to hear (RFC 4647, 3.4); the host's own where none does. */
  in(wanted: RequestedLanguages | undefined): Localizer {
    const language = wanted === undefined ? null : lookup(wanted, this.#known)
    return language === null ? this.localizer : this.#localizerOf(language)
  }

  #localizerOf(language: string): Localizer {
    let localizer = this.#localizers.get(language)
    if (localizer === undefined) {
      const compiled = [...this.#integrations.values()]
      const own = compiled.map((one) => [one.domain, this.#translator(language, one.catalogues)] as const)
      localizer = new Localizer(this.#translator(language, NONE), new Map(own), compiled)
      this.#localizers.set(language, localizer)
    }
    return localizer
  }

  /** Texts that an integration lacks in a language fall back to the standard texts, then to the host's language. */
  #translator(language: string, own: Catalogues): Translator {
    return Translator.for(language, [own, standardTexts], this.languages[0])
  }
}
