import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { cities, create, found, link, notify, tenants } from '../../examples/hosts/host.ts'
import { service } from '../../examples/integrations/service.ts'
import { type Latchkey, ReauthRequiredError, StaleRevisionError, type View } from '../../src/index.ts'

const root = resolve(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guides/hosts.md'), 'utf8')
const said = (['info', 'warn', 'error', 'log'] as const).map((level) =>
  jest.spyOn(console, level).mockImplementation(() => {}),
)

let latchkey: Latchkey
afterEach(async () => {
  await latchkey.stop()
  service.tokens.set('token-1', 'alice')
  for (const spy of said) spy.mockClear()
})

async function linked(): Promise<{ entryId: string; form: View }> {
  latchkey = await create()
  const shown: View[] = []
  const result = await link(latchkey, 'token-1', (view) => shown.push(view))
  return { entryId: result.entryId ?? '', form: shown[0] as View }
}

describe('the examples of docs/guides/hosts.md', () => {
  it('set up an entry, use it, and notify about its reauthentication', async () => {
    const { entryId } = await linked()
    expect(await cities(latchkey, entryId)).toEqual([])
    const messages: string[] = []
    const sent = Promise.withResolvers<void>()
    const stop = notify(latchkey, async (message) => {
      messages.push(message)
      sent.resolve()
    })
    await latchkey.entries.requestReauth(entryId)
    await sent.promise
    stop()
    expect(messages).toEqual([expect.stringMatching(/^Example weather: /)])
  })

  it('name the flow that repairs the entry', async () => {
    const { entryId } = await linked()
    service.tokens.delete('token-1')
    await latchkey.entries.reload(entryId)
    await expect(cities(latchkey, entryId)).rejects.toBeInstanceOf(ReauthRequiredError)
    expect(said[2]).toHaveBeenCalledWith(expect.stringMatching(/^Sign in again: flow [\w-]+$/))
  })

  it('show the current view of a form that another window has submitted', async () => {
    latchkey = await create()
    const views: View[] = []
    const late = link(latchkey, 'wrong', (view) => {
      if (views.push(view) > 1) return
      void latchkey.flows.submit(view.flowId, { apiKey: 'wrong' }, { revision: view.revision })
    })
    await expect(late).rejects.toBeInstanceOf(StaleRevisionError)
    expect(views.length).toBe(2)
  })

  it('announce an account and a tenant', async () => {
    latchkey = await create()
    expect(await found(latchkey)).toMatchObject({ type: 'form', step: 'discovery_confirm', mayIgnore: true })
    expect(await tenants()).toEqual(['de', 'acme'])
  })
})

describe('docs/guides/hosts.md', () => {
  it('shows the first form', async () => {
    const [, json = ''] = /^```json\n(.*?)^```/ms.exec(guide) ?? []
    const shown = JSON.parse(json, (_, value) => (value === '…' ? expect.any(String) : value))
    const { form } = await linked()
    expect(form).toMatchObject(shown)
  })

  it('lists every error code', () => {
    const folder = join(root, 'src/errors')
    const codes = readdirSync(folder).flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/readonly code = '(\w+)'/g)].map(
        ([, code]) => code,
      ),
    )
    expect(codes.length).toBeGreaterThan(30)
    expect(codes.filter((code) => !guide.includes(`\`${code}\``))).toEqual([])
  })

  it.each([
    ['event', 'src/engine/api/events.ts', /^ {2}(\w+): \{/gm],
    ['reason of the attention list', 'src/engine/api/entries.ts', /^ {4}\| '(\w+)'$/gm],
    ['type of view', 'src/view.ts', /^ {2}readonly type: '(?!object)(\w+)'$/gm],
    ['limit', 'src/engine/api/latchkey.ts', /^ {2}(\w+): [^\n]*,$/gm],
  ])('lists every %s', (kind, file, pattern) => {
    const names = [...readFileSync(join(root, file), 'utf8').matchAll(pattern)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(4)
    const page = kind === 'limit' ? readFileSync(join(root, 'docs/guides/limits.md'), 'utf8') : guide
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })
})
