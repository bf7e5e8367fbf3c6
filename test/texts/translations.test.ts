import { describe, expect, it } from '@jest/globals'
import { de as componentsGerman } from '../../src/react/mantine/texts/de.ts'
import { en as componentsEnglish } from '../../src/react/mantine/texts/en.ts'
import { Catalogue } from '../../src/texts/catalogue.ts'
import { de as pageGerman } from '../../web/src/texts/de.ts'
import { en as pageEnglish } from '../../web/src/texts/en.ts'

const translations = [
  ['the components', componentsEnglish, componentsGerman],
  ['the page', pageEnglish, pageGerman],
] as const

describe.each(translations)('the texts of %s', (_, english, german) => {
  const en = new Catalogue('en', english)
  const de = new Catalogue('de', german)
  const placeholdersOf = (catalogue: Catalogue, key: string) =>
    [...(catalogue.message(key)?.placeholders ?? [])].sort()

  it.each([...en.texts.keys()])('are translated to German with the same placeholders: %s', (key) => {
    expect(de.texts.get(key)?.trim()).toBeTruthy()
    expect(placeholdersOf(de, key)).toEqual(placeholdersOf(en, key))
  })
})
