import { httpsProblem } from '../../authoring/https-url.ts'
import type { AnyIntegration } from '../../authoring/integration.ts'
import { CATEGORIES } from '../../categories.ts'
import { IntegrationError } from '../../errors.ts'
import { type Catalogues, cataloguesOf } from '../../texts/catalogue.ts'
import type { IntegrationView } from '../api/latchkey.ts'
import { readIcon } from '../lib/icon.ts'

/** The maximum length of a description: one line of a list. */
export const MAX_DESCRIPTION = 60
const MAX_KEYWORDS = 20
const MAX_KEYWORD = 40

const CODE = /^[a-z][a-z0-9_]{0,63}$/

/** The validated data of an integration that lists and errors show. */
export interface Listing {
  /** The members of the view that are the same in all languages. */
  readonly shown: Pick<IntegrationView, 'icon' | 'category' | 'docs' | 'keywords' | 'singleInstance'>
  /** The English advice of `help`, as texts with the keys `advice.<code>`. */
  readonly advice: Catalogues
  /** The URLs of `help` by error code. */
  readonly helpUrls: ReadonlyMap<string, string>
}

/** Validates what an integration shows of itself: icon, description, category, links and help. @throws IntegrationError */
export function compileListing(integration: AnyIntegration): Listing {
  const { domain, description, category, docs, keywords, singleInstance, help = {} } = integration
  const fail = (why: string): never => {
    throw new IntegrationError(domain, `Integration "${domain}": ${why}`)
  }
  if (description !== undefined) {
    if (!isLine(description, MAX_DESCRIPTION))
      fail(`description is not a line of 1 to ${MAX_DESCRIPTION} characters. Shorten it.`)
  }
  if (category !== undefined && !CATEGORIES.includes(category))
    fail(`category is not one of ${CATEGORIES.join(', ')}. Use "other" if none fits.`)
  const badDocs = docs === undefined ? null : httpsProblem(docs)
  if (badDocs !== null) fail(`docs ${badDocs}`)
  if (keywords !== undefined) {
    const isList = Array.isArray(keywords) && keywords.length <= MAX_KEYWORDS
    if (!isList || !keywords.every((word) => isLine(word, MAX_KEYWORD)))
      fail(
        `keywords are not up to ${MAX_KEYWORDS} words of 1 to ${MAX_KEYWORD} characters. Remove the others.`,
      )
  }
  for (const [code, { url }] of Object.entries(help)) {
    if (!CODE.test(code))
      fail(`help names the code ${JSON.stringify(code)}. Use lower-case letters, digits and underscores.`)
    const badUrl = url === undefined ? null : httpsProblem(url)
    if (badUrl !== null) fail(`the url of help.${code} ${badUrl}`)
  }
  const texts = Object.entries(help).map(([code, { text }]) => [code, text])
  const urls = Object.entries(help).flatMap(([code, { url }]) =>
    url === undefined ? [] : [[code, url] as const],
  )
  return {
    shown: {
      ...(integration.icon !== undefined && { icon: iconOf(integration.icon, fail) }),
      ...(category !== undefined && { category }),
      ...(docs !== undefined && { docs }),
      ...(keywords !== undefined && keywords.length > 0 && { keywords: Object.freeze([...keywords]) }),
      ...(singleInstance === true && { singleInstance }),
    },
    advice: cataloguesOf({ en: { advice: Object.fromEntries(texts) } }),
    helpUrls: new Map(urls),
  }
}

function iconOf(icon: unknown, fail: (why: string) => never): string {
  const read = readIcon(icon)
  return 'url' in read
    ? read.url
    : fail(
        `icon ${read.mistake}. Use the text of an SVG, or a data: URL of an SVG, PNG or WebP, of at most 4 kB.`,
      )
}

/** Whether a value is a text in one line, neither empty nor longer than `max` characters. */
const isLine = (value: unknown, max: number): boolean =>
  typeof value === 'string' && value.trim() !== '' && value.length <= max && !/[\r\n]/.test(value)
