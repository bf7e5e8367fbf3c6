import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { en as components } from '../../src/react/mantine/texts/en.ts'
import { translations as componentTranslations } from '../../src/react/mantine/texts/translations.ts'
import { Catalogue } from '../../src/texts/catalogue.ts'
import { en as standard } from '../../src/texts/en.ts'
import { standardTexts } from '../../src/texts/standard-texts.ts'
import { en as page } from '../../web/src/texts/en.ts'
import { translations as pageTranslations } from '../../web/src/texts/translations.ts'
import { en as webhooks } from '../../web/src/webhooks/texts.ts'

const english = { components, standard, page, webhooks }
const tags = Object.keys(componentTranslations)

const translationOf = async (tag: string): Promise<typeof english | object> => ({
  ...(await componentTranslations[tag]?.()),
  ...(await pageTranslations[tag]?.()),
})
const catalogueOf = async (tag: string): Promise<Catalogue> => new Catalogue(tag, await translationOf(tag))
const placeholdersOf = (catalogue: Catalogue, key: string): string =>
  [...(catalogue.message(key)?.placeholders ?? [])].sort().join()

/** The texts that a pattern finds, without their ICU syntax. */
const found = ({ texts }: Catalogue, pattern: RegExp): string[] =>
  [...texts.values()].filter((text) => pattern.test(text.replaceAll(/\{\w+, (?:plural|select),/g, '')))

describe('a language', () => {
  it('is in the library, the components and the page', () => {
    expect(Object.keys(pageTranslations)).toEqual(tags)
    expect([...standardTexts.keys()].sort()).toEqual(['en', ...tags].sort())
  })
})

/** Texts whose keys are computed from codes, states and categories. */
const computed = /^(codes|story\..+|noTokenText|expiredText|calendar|messaging|files|media|finance)$/

describe('each text of the components and of the page', () => {
  it('is in use', () => {
    const folders = ['src/react', 'web/src'].map((path) => join(import.meta.dirname, '../..', path))
    const code = folders
      .flatMap((folder) =>
        readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
      )
      .filter((file) => /\.tsx?$/.test(file) && !/\/texts\//.test(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join()
    const isUsed = (key: string) =>
      code.includes(`'${key}'`) || computed.test(key) || new RegExp(`\\b${key}:`).test(code)
    const keys = [...Object.keys(components), ...Object.keys(page)]
    expect(keys.filter((key) => !isUsed(key))).toEqual([])
  })
})

describe.each(tags)('the texts in %s', (tag) => {
  it('are complete, and have the placeholders of the English ones', async () => {
    const source = new Catalogue('en', english)
    const own = await catalogueOf(tag)
    const keys = [...source.texts.keys()].sort()
    // The server sends English texts for its codes.
    const translated = [...own.texts.keys()].filter((key) => !key.startsWith('components.codes.'))
    expect(translated.sort()).toEqual(keys)
    expect(keys.filter((key) => own.texts.get(key)?.trim() === '')).toEqual([])
    expect(keys.filter((key) => placeholdersOf(own, key) !== placeholdersOf(source, key))).toEqual([])
  })

  it('are not left in English', async () => {
    const own = await catalogueOf(tag)
    const same = [...new Catalogue('en', english).texts]
      .filter(([key, text]) => own.texts.get(key) === text && / \w+ /.test(text.replaceAll(/\{[^}]*\}/g, '')))
      .map(([key]) => key)
    expect(same).toEqual([])
  })

  it('have every form of a number', async () => {
    const own = await catalogueOf(tag)
    const rules = new Intl.PluralRules(tag)
    const forms = [...new Set([0, 1, 2, 3, 5, 11, 21].map((count) => rules.select(count)))]
    const plurals = [...own.texts].flatMap(([key, text]) =>
      [...text.matchAll(/, plural,((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)/g)].map(([, options]) => ({
        key,
        options: String(options),
      })),
    )
    expect(plurals.length).toBeGreaterThan(10)
    const missing = plurals.filter(
      ({ options }) => !/=0/.test(options) && !forms.every((form) => options.includes(`${form} {`)),
    )
    expect(missing.map(({ key }) => key)).toEqual([])
  })
})

describe('German texts', () => {
  it('address the reader as Sie', async () => {
    const informal = /\b(?:du|dir|dich|dein\w*|gib|füge|prüfe|wähle|entferne|klicke|öffne|melde)\b/i
    expect(found(await catalogueOf('de'), informal)).toEqual([])
  })
})

describe('French texts', () => {
  it('never break a line before a colon, a question mark or a closing quote', async () => {
    const french = await catalogueOf('fr')
    expect(found(french, / [:;!?»]|« |[^\s\d\u00a0\u202f}][;!?»](?!\w)/)).toEqual([])
  })

  it('address the reader as vous, with typographic apostrophes', async () => {
    expect(found(await catalogueOf('fr'), /(?<!\p{L})(?:tu|ton|ta|tes|toi)(?!\p{L})|\p{L}'\p{L}/iu)).toEqual(
      [],
    )
  })

  it('are singular for none and one', async () => {
    const message = (await catalogueOf('fr')).message('page.count')
    expect([0, 1, 2].map((count) => message?.format({ count }))).toEqual([
      '0 connexion',
      '1 connexion',
      '2 connexions',
    ])
  })
})
