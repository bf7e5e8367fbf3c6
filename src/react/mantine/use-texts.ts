import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { Catalogue } from '../../texts/catalogue.ts'
import { canonical, SOURCE_LANGUAGE } from '../../texts/languages.ts'
import type { Values } from '../../texts/message.ts'
import type { TextsOf } from '../../texts/translation.ts'
import { Translator } from '../../texts/translator.ts'
import type { AbortView, CreateEntryView } from '../../view.ts'
import { useLanguage } from '../provider.ts'
import { loadedTexts, loadTexts, onTextsLoaded } from './load-texts.ts'
import type { en } from './texts/en.ts'

/** The texts of the components by key, as ICU messages. Views, entries and attention items have their own texts. */
export type Texts = TextsOf<typeof en>

/** Formats the texts of the components in one language. */
export interface ComponentTexts {
  t(key: Exclude<keyof Texts, 'codes'>, values?: Values): string
  /** The text for an error code. Defaults to `detail`, then to a general text. */
  codeText(code: string, detail?: string): string
  /** The text for an error of a field, which may name a limit or an example. */
  fieldText(code: string, values: Values): string
  /** The text of a result, with the name of the connection. The server's own text has that of its service. */
  endText(view: AbortView | CreateEntryView, name: string): string
}

/** The texts of the components in a language that is loaded, else in English. `overrides` are in that language. */
export function componentTexts(
  language: string,
  overrides: Partial<Texts> = {},
  { components, standard } = loadedTexts(),
): ComponentTexts {
  const tag = canonical(language) ?? SOURCE_LANGUAGE
  const own = new Map([[tag, new Catalogue(tag, overrides)]])
  const translator = Translator.for(tag, [own, components, standard])
  return {
    t: (key, values) => translator.text([key], values),
    codeText: (code, detail) =>
      translator.find([`codes.${code}`, `error.${code}`, `abort.${code}`]) ??
      detail ??
      translator.text(['error.invalid']),
    fieldText: (code, values) =>
      translator.find([`codes.${code}`, `error.${code}`], values) ?? translator.text(['error.invalid']),
    endText(view, name) {
      const { text, placeholders } = view
      if (view.type === 'create_entry')
        return view.subentry === undefined ? translator.text(['created'], { name }) : text
      const keys = [`abort.${view.reason}`]
      const given = translator.find(keys, placeholders)
      // An integration may have its own text.
      if (given === undefined || !text.startsWith(given)) return text
      return translator.text(keys, { ...placeholders, name }) + text.slice(given.length)
    },
  }
}

/** The texts of the components in the language of the provider, which loads when it is used. */
export function useTexts(overrides?: Partial<Texts>): ComponentTexts {
  const language = useLanguage()
  const loaded = useSyncExternalStore(onTextsLoaded, loadedTexts, loadedTexts)
  useEffect(() => {
    // Without the chunk, the texts stay in English.
    loadTexts(language).catch(() => undefined)
  }, [language])
  return useMemo(() => componentTexts(language, overrides, loaded), [language, overrides, loaded])
}
