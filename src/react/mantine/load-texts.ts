import { Catalogue, type Catalogues } from '../../texts/catalogue.ts'
import { en as standard } from '../../texts/en.ts'
import { lookup, SOURCE_LANGUAGE } from '../../texts/languages.ts'
import { en as components } from './texts/en.ts'
import { translations } from './texts/translations.ts'

/** The texts that are loaded, by language. */
export interface LoadedTexts {
  readonly components: Catalogues
  readonly standard: Catalogues
}

let loaded: LoadedTexts = withLanguage(
  { components: new Map(), standard: new Map() },
  SOURCE_LANGUAGE,
  components,
  standard,
)
const available = new Set([SOURCE_LANGUAGE, ...Object.keys(translations)])
const listeners = new Set<() => void>()

function withLanguage(before: LoadedTexts, tag: string, own: object, shared: object): LoadedTexts {
  return {
    components: new Map([...before.components, [tag, new Catalogue(tag, own)]]),
    standard: new Map([...before.standard, [tag, new Catalogue(tag, shared)]]),
  }
}

/** The texts that are loaded now. A different object after another language has loaded. */
export const loadedTexts = (): LoadedTexts => loaded

/** Calls the listener when a language has loaded. Returns a function that ends this. */
export function onTextsLoaded(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * Loads the texts of the components in a language, or in the nearest one that they are translated to: French for `fr-CA`.
 * The components do this themselves, and are in English until the texts have loaded. Call it before the first render to
 * have the language from the start.
 *
 * @throws Error if the chunk with the texts could not be loaded
 * @example
 * ```ts
 * import { loadTexts } from 'latchkey/react/mantine'
 *
 * await loadTexts(navigator.language)
 * ```
 */
export async function loadTexts(language: string): Promise<void> {
  const tag = lookup(language, available)
  const load = tag === null ? undefined : translations[tag]
  if (tag === null || load === undefined || loaded.components.has(tag)) return
  const texts = await load()
  loaded = withLanguage(loaded, tag, texts.components, texts.standard)
  for (const listener of listeners) listener()
}
