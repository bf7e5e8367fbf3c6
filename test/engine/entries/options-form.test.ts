import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration, UnknownEntryError } from '../../../src/index.ts'
import { makeHost } from '../host.ts'

const lamps = defineIntegration({
  domain: 'lamps',
  title: 'Lamps',
  fields: z.object({ host: z.string() }),
  options: z.object({
    interval: z.int().min(1).default(60).meta({ title: 'Interval' }),
    label: z.string().optional(),
  }),
  texts: {
    de: {
      data: { host: 'Adresse' },
      step: { init: { title: 'Einstellungen', data: { interval: 'Abstand', label: 'Name' } } },
    },
  },
  connect: async ({ host }) => ({
    client: null,
    uniqueId: host,
    ...(host === 'attic' && { account: `owner of ${host}`, address: host }),
  }),
})
const paged = defineIntegration({
  domain: 'paged',
  title: 'Paged',
  fields: z.object({ host: z.string() }),
  options: z.object({ interval: z.int().default(60), label: z.string().optional() }),
  optionsPages: { timing: ['interval'], look: ['label'] },
  connect: async ({ host }) => ({ client: null, uniqueId: host }),
})
const plain = defineIntegration({
  domain: 'plain',
  title: 'Plain',
  fields: z.object({ host: z.string() }),
  connect: async ({ host }) => ({ client: null, uniqueId: host }),
})

describe('entries.optionsForm', () => {
  const link = async (domain: string, at = 'attic') => {
    const host = await makeHost({ integrations: [lamps, paged, plain] })
    const form = await host.latchkey.flows.start({ domain, source: 'user' })
    const end = await host.latchkey.flows.submit(form.flowId, { host: at }, form)
    return { ...host, entryId: String(end.entryId) }
  }

  it.each(['attic', 'cellar'])('has what an options flow shows, and opens none: %s', async (at) => {
    const { latchkey, entryId } = await link('lamps', at)
    const form = await latchkey.entries.optionsForm(entryId)
    expect((await latchkey.flows.list()).items).toEqual([])
    expect(await latchkey.history(entryId)).toMatchObject({ items: [{ kind: 'entry_created' }] })
    const opened = await latchkey.flows.start({ source: 'options', entryId })
    expect({ ...opened, flowId: '', revision: 0, expiresAt: null }).toEqual(form)
    expect(form).toMatchObject({ step: 'init', values: { interval: 60 }, submit: 'Save' })
    await latchkey.flows.submit(opened.flowId, { interval: 5, label: 'Blue' }, opened)
    expect(await latchkey.entries.optionsForm(entryId)).toMatchObject({
      values: { interval: 5, label: 'Blue' },
    })
  })

  it('is in the requested language', async () => {
    const { latchkey, entryId } = await link('lamps')
    expect(await latchkey.entries.optionsForm(entryId, { language: 'de' })).toMatchObject({
      language: 'de',
      submit: 'Speichern',
      schema: { properties: { interval: { title: 'Abstand' } } },
    })
  })

  it('is null for options of several pages, whose flow numbers them', async () => {
    const { latchkey, entryId } = await link('paged')
    expect(await latchkey.entries.optionsForm(entryId)).toBeNull()
    const first = await latchkey.flows.start({ source: 'options', entryId })
    expect(first).toMatchObject({ page: 'timing', position: { page: 1, pages: 2 } })
  })

  it('is null without options, and without the integration', async () => {
    const { latchkey, entryId, again } = await link('plain')
    expect(await latchkey.entries.optionsForm(entryId)).toBeNull()
    const other = await again({ integrations: [lamps] })
    expect(await other.latchkey.entries.optionsForm(entryId, { language: 'de' })).toBeNull()
    await expect(latchkey.entries.optionsForm('none')).rejects.toThrow(UnknownEntryError)
  })
})
