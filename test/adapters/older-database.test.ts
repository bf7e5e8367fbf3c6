import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from '@jest/globals'
import { Copies, Copy, comparable, idsIn, MANIFEST, type Manifest } from '../fixtures/database-0.1.0/play.ts'

const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8')) as Manifest
const known = idsIn([manifest.standing, manifest.flows, manifest.ended, manifest.removed])
const copies = new Copies()
afterAll(() => copies.clear())

/** Reads from a new copy of the database; ids that are new to it read `new`. */
async function once(read: (copy: Copy) => Promise<unknown>): Promise<unknown> {
  const copy = await Copy.open(copies.make(), manifest)
  try {
    return comparable(await read(copy), known)
  } finally {
    await copy.stop()
  }
}

describe('a database that Latchkey 0.1.0 wrote', () => {
  it('reads as it did: entries, attention list, open and ended flows, history', async () => {
    expect(await once((copy) => copy.standing(manifest))).toEqual(manifest.standing)
  })

  it('starts its entries as it did', async () => {
    expect(await once((copy) => copy.started())).toEqual(manifest.started)
  })

  it('keeps the slots of its open flows', async () => {
    const again = await once(async (copy) => {
      const all: unknown[] = []
      for (const flow of manifest.flows) all.push({ ...flow, again: await copy.again(flow) })
      return all
    })
    expect(again).toEqual(manifest.flows)
  })

  it('finds the flows of its idempotency keys', async () => {
    const found = await once(async (copy) => {
      const ids: string[] = []
      for (const { request, by } of manifest.keys)
        ids.push((await copy.latchkey.flows.start(request, by)).flowId)
      return ids
    })
    expect(found).toEqual(manifest.keys.map(({ flowId }) => flowId))
  })

  it.each([
    ['cancelled', (copy: Copy) => copy.afterEach(manifest, 'cancel')],
    ['after 10 minutes', (copy: Copy) => copy.afterEach(manifest, 'expect', 600_000)],
    ['after 31 minutes', (copy: Copy) => copy.afterEach(manifest, 'expect', 31 * 60_000)],
    ['after 25 hours', (copy: Copy) => copy.afterEach(manifest, 'expect', 25 * 3_600_000)],
    ['entries removed', (copy: Copy) => copy.afterEntries(manifest, 'remove')],
    ['entries disabled', (copy: Copy) => copy.afterEntries(manifest, 'disable')],
    ['swept', (copy: Copy) => copy.swept()],
  ] as const)('ends its open flows as it did: %s', async (name, read) => {
    expect(await once(read)).toEqual(manifest.ends[name])
  })

  it('continues a flow that waited at a menu of its integration from the first page', async () => {
    const { flowId } = manifest.flows.find(({ name }) => name === 'user, found menu') as { flowId: string }
    const end = await once(async ({ latchkey: { flows } }) => {
      let view = await flows.get(flowId)
      const answers: readonly object[] = [
        { host: 'site.example' },
        { plan: 'paid' },
        { token: 'p4-1' },
        { place: 'south' },
      ]
      for (const input of answers) {
        expect(view).toMatchObject({ step: 'user', order: expect.arrayContaining(Object.keys(input)) })
        view = await flows.submit(flowId, input, view)
      }
      return view.type
    })
    expect(end).toBe('create_entry')
  })

  it.each(manifest.plays.map((play) => [play.title, play] as const))('plays %s', async (_, play) => {
    const { results, entry } = play
    expect(await once((copy) => copy.play(play))).toEqual({ results, entry })
  })
})
