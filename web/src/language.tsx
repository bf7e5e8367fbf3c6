import { IntlMessageFormat } from 'intl-messageformat'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import type { Texts } from '../../src/react/mantine/index.ts'
import { de } from '../../src/texts/de.ts'
import { en } from '../../src/texts/en.ts'
import type { StandardTexts } from '../../src/texts/standard-texts.ts'
import { germanTexts } from './german-texts.ts'
import { english, german, type MessageName } from './messages.ts'

/** A language of the page. */
export type LanguageName = 'en' | 'de'

type Values = Readonly<Record<string, string | number>>

/** The language that is chosen, and what it says. */
export interface Language {
  readonly name: LanguageName
  choose(name: LanguageName): void
  /** A message with its values put in. */
  say(name: MessageName, values?: Values): string
  /** A point in time (ms since the epoch) as one reads it. */
  time(at: number): string
  /** What the components say. */
  readonly texts: Partial<Texts>
  /** What codes mean, where no view says it. */
  readonly standard: StandardTexts
}

const KEY = 'latchkey-language'
const messages = { en: english, de: german }
const componentTexts: Readonly<Record<LanguageName, Partial<Texts>>> = {
  en: {},
  de: germanTexts,
}

const standardTexts: Readonly<Record<LanguageName, StandardTexts>> = { en, de }

const Context = createContext<Language | null>(null)

/** Lets what is below it speak the language that a person chose, or that of their browser. */
export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [name, setName] = useState(firstLanguage)
  useEffect(() => {
    document.documentElement.lang = name
  }, [name])
  const language = useMemo<Language>(() => {
    const formats = new Map<MessageName, IntlMessageFormat>()
    const times = new Intl.DateTimeFormat(name, { dateStyle: 'medium', timeStyle: 'medium' })
    return {
      name,
      choose: (chosen) => {
        localStorage.setItem(KEY, chosen)
        setName(chosen)
      },
      say: (message, values = {}) => {
        const format = formats.get(message) ?? new IntlMessageFormat(messages[name][message], name)
        formats.set(message, format)
        return String(format.format(values))
      },
      time: (at) => times.format(at),
      texts: componentTexts[name],
      standard: standardTexts[name],
    }
  }, [name])
  return <Context.Provider value={language}>{children}</Context.Provider>
}

/** The language of the page. */
export function useLanguage(): Language {
  const language = useContext(Context)
  if (language === null) throw new Error('Put a <LanguageProvider> around the page.')
  return language
}

/** The language that a person chose, or that of their browser. */
export function firstLanguage(): LanguageName {
  const chosen = localStorage.getItem(KEY) ?? navigator.language
  return chosen.toLowerCase().startsWith('de') ? 'de' : 'en'
}
