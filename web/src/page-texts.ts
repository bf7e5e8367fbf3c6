import { loadTexts } from '../../src/react/mantine/load-texts.ts'
import { Catalogue, type Catalogues } from '../../src/texts/catalogue.ts'
import { SOURCE_LANGUAGE } from '../../src/texts/languages.ts'
import { en } from './texts/en.ts'
import { translations } from './texts/translations.ts'

/** The languages of the page. */
export const languages: readonly string[] = [SOURCE_LANGUAGE, ...Object.keys(translations)]

const page = new Map([[SOURCE_LANGUAGE, new Catalogue(SOURCE_LANGUAGE, en)]])
const webhooks = new Map<string, Catalogue>()

/** The texts of the page in the languages that are loaded. */
export const pageTexts: Catalogues = page

/** The texts of the page of webhooks in the languages that are loaded, without English, which is in its chunk. */
export const webhookTexts: Catalogues = webhooks

/** Whether all texts in a language are loaded. */
export const isLoaded = (language: string): boolean => page.has(language)

/** Loads all texts in a language of the page. @throws Error if a chunk could not be loaded */
export async function loadLanguage(language: string): Promise<void> {
  const load = translations[language]
  if (load === undefined || isLoaded(language)) return
  const [texts] = await Promise.all([load(), loadTexts(language)])
  page.set(language, new Catalogue(language, texts.page))
  webhooks.set(language, new Catalogue(language, texts.webhooks))
}
