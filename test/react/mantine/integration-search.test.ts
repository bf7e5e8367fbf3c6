import { describe, expect, it } from '@jest/globals'
import type { IntegrationItem } from '../../../src/client/index.ts'
import { categoriesOf, findIntegrations } from '../../../src/react/mantine/integration-search.ts'

const item = (title: string, more: Partial<IntegrationItem> = {}): IntegrationItem => ({
  domain: title.toLowerCase().replaceAll(' ', '_'),
  title,
  options: false,
  subentries: [],
  ...more,
})

const many = [
  item('Zigbee Hub', { category: 'home' }),
  item('MQTT', { category: 'home', keywords: ['broker', 'mosquitto'] }),
  item('Éclair Mail', { category: 'calendar' }),
  item('Hub 10', { category: 'home' }),
  item('Hub 9', { category: 'home' }),
  item('GitHub', { category: 'developer' }),
  item('Parcel Post'),
  item('Files of ACME', { category: 'files', description: 'Storage in the cloud' }),
]

const titles = (query: string, category: 'home' | 'other' | null = null, items = many) =>
  findIntegrations(items, query, category, 'en').map(({ title }) => title)

describe('findIntegrations', () => {
  it('lists words that begin with the query first, then other parts of titles', () => {
    expect(titles('hub')).toEqual(['Hub 9', 'Hub 10', 'Zigbee Hub', 'GitHub'])
  })

  it('finds keywords, domains and descriptions after the titles', () => {
    expect(titles('mosq')).toEqual(['MQTT'])
    expect(titles('storage')).toEqual(['Files of ACME'])
    expect(titles('parcel_p')).toEqual(['Parcel Post'])
  })

  it('ignores case, accents and blanks around the query', () => {
    expect(titles(' ECLAIR ')).toEqual(['Éclair Mail'])
    expect(titles('éclair m')).toEqual(['Éclair Mail'])
  })

  it('lists a category. "other" includes the integrations without one', () => {
    expect(titles('', 'other')).toEqual(['Parcel Post'])
    expect(titles('hub', 'home')).toEqual(['Hub 9', 'Hub 10', 'Zigbee Hub'])
  })

  it('finds nothing for a text that matches nothing, also with special characters', () => {
    for (const query of ['xyz', '(', '.*', '\\']) expect(titles(query)).toEqual([])
  })

  it('keeps the order of the host if there are few integrations', () => {
    const few = many.slice(0, 3)
    expect(titles('', null, few)).toEqual(['Zigbee Hub', 'MQTT', 'Éclair Mail'])
    expect(titles('')).toEqual(
      [...many.map(({ title }) => title)].sort(new Intl.Collator('en', { numeric: true }).compare),
    )
  })
})

describe('categoriesOf', () => {
  it('counts the integrations of each category in a fixed order', () => {
    expect(categoriesOf(many)).toEqual([
      { category: 'home', count: 4 },
      { category: 'calendar', count: 1 },
      { category: 'files', count: 1 },
      { category: 'developer', count: 1 },
      { category: 'other', count: 1 },
    ])
  })

  it('is empty for few integrations, and for a single category', () => {
    expect(categoriesOf(many.slice(1))).toEqual([])
    expect(categoriesOf(many.map((one) => ({ ...one, category: 'home' })))).toEqual([])
  })
})
