import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { loadedTexts } from '../../src/react/mantine/load-texts.ts'
import { lookup, SOURCE_LANGUAGE } from '../../src/texts/languages.ts'
import type { Values } from '../../src/texts/message.ts'
import { Translator } from '../../src/texts/translator.ts'
import { retried } from './lazily.ts'
import { isLoaded, languages, loadLanguage, pageTexts } from './page-texts.ts'
import type { en } from './texts/en.ts'

/** The key of a text of the page. */
export type TextKey = keyof typeof en

/** The chosen language, and its texts. */
export interface Language {
  readonly language: string
  choose(language: string): void
  t(key: TextKey, values?: Values): string
  /** The text for an error code or a reason. Returns the code itself if an integration defines it. */
  codeText(code: string, group?: 'attention', values?: Values): string
  /** Formats the time of day of milliseconds since the epoch. */
  clock(at: number): string
  /** Formats milliseconds since the epoch. */
  time(at: number): string
}

const KEY = 'latchkey-language'
const available = new Set(languages)

const Context = createContext<Language | null>(null)

/**
 * Provides the language that the user chose, or one that the browser requests. Until its texts have loaded, the page stays in
 * the language before it.
 */
export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [wanted, setWanted] = useState(firstLanguage)
  const [language, setLanguage] = useState(() => (isLoaded(wanted) ? wanted : SOURCE_LANGUAGE))
  useEffect(() => {
    let isLeft = false
    void retried(() => loadLanguage(wanted)).then(() => {
      if (!isLeft) setLanguage(wanted)
    })
    return () => {
      isLeft = true
    }
  }, [wanted])
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const value = useMemo<Language>(() => {
    const translator = Translator.for(language, [pageTexts, loadedTexts().standard])
    const times = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
    const clocks = new Intl.DateTimeFormat(language, { timeStyle: 'medium' })
    return {
      language,
      choose: (chosen) => {
        localStorage.setItem(KEY, chosen)
        setWanted(chosen)
      },
      t: (key, values) => translator.text([key], values),
      codeText: (code, group, values) =>
        translator.find(
          group === undefined ? [`error.${code}`, `abort.${code}`] : [`${group}.${code}`],
          values,
        ) ?? code,
      clock: (at) => clocks.format(at),
      time: (at) => times.format(at),
    }
  }, [language])
  return <Context.Provider value={value}>{children}</Context.Provider>
}

/** @throws Error if there is no provider above the component */
export function useLanguage(): Language {
  const language = useContext(Context)
  if (language === null) throw new Error('No language found. Wrap the page in <LanguageProvider>.')
  return language
}

/** The language that the user chose, or the first one of the browser's that is available. */
export function firstLanguage(): string {
  const chosen = localStorage.getItem(KEY)
  return lookup(chosen === null ? navigator.languages : chosen, available) ?? SOURCE_LANGUAGE
}
