import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { myHub } from '../../examples/my-hub/my-hub.ts'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { EventReader } from './event-reader.ts'
import { Served } from './served.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-elsewhere-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A host with streams, and a second engine on the same file that acts as another process. */
async function twoProcesses(name: string) {
  const path = join(folder, name)
  const served = await Served.open({}, [], sqliteStore(path))
  const other = await createLatchkey({ integrations: [myHub], store: sqliteStore(path) })
  return { served, other }
}

describe('GET /events, with changes by another process', () => {
  it('sends an entry that is added, needs attention, is repaired and removed', async () => {
    const { served, other } = await twoProcesses('life.db')
    await using _ = served
    await using stream = await EventReader.to(served)
    expect((await stream.next()).event).toBe('snapshot')
    const { host } = served.service
    const form = await other.flows.start({ domain: 'my_hub', source: 'user' })
    const added = await other.flows.submit(form.flowId, { host, apiToken: 'good' }, { revision: 1 })
    const { entryId } = added
    expect((await stream.until('entry')).data).toMatchObject({ entryId, title: 'Ada' })
    const repair = await other.entries.requestReauth(String(entryId))
    const needed = await stream.until('attention', ({ item }) => item !== null)
    expect(needed.data).toMatchObject({ entryId, item: { flowId: repair.flowId } })
    served.service.tokens.set('better', { id: 'account-1', name: 'Ada' })
    await other.flows.submit(repair.flowId, { apiToken: 'better' }, { revision: repair.revision })
    const ended = await stream.until(
      'flow',
      ({ type, flowId }) => type === 'abort' && flowId === repair.flowId,
    )
    expect(ended.data).toMatchObject({ reason: 'reauth_successful' })
    await stream.until('attention', ({ item }) => item === null)
    await other.entries.remove(String(entryId))
    expect((await stream.until('entry_removed')).data).toEqual({ entryId })
    await other.stop()
  })

  it('sends a flow without history, and reads it once for streams in several languages', async () => {
    const { served, other } = await twoProcesses('languages.db')
    await using _ = served
    await using stream = await EventReader.to(served)
    expect((await stream.next()).event).toBe('snapshot')
    const headers = { authorization: `Bearer ${served.handler.startToken}`, 'accept-language': 'de' }
    const german = await served.handler(new Request('http://127.0.0.1/events', { headers }))
    const read = jest.spyOn(served.store.feed, 'read')
    const { flowId } = await other.flows.start({ domain: 'my_hub', source: 'user' })
    expect((await stream.until('flow')).data).toMatchObject({ flowId, step: 'user' })
    expect(read).toHaveBeenCalledTimes(1)
    await other.flows.cancel(flowId)
    expect((await stream.until('flow', ({ type }) => type === 'abort')).data).toMatchObject({ flowId })
    await german.body?.cancel()
    await other.stop()
  })

  it('sends the changes to a listener that reconnects', async () => {
    const { served, other } = await twoProcesses('back.db')
    await using _ = served
    const entryId = await served.link()
    let lastId: string
    {
      await using stream = await EventReader.to(served)
      lastId = (await stream.next()).id
    }
    await other.entries.update(entryId, { title: 'Attic' })
    await using stream = await EventReader.to(served, { lastId })
    expect((await stream.until('entry')).data).toMatchObject({ entryId, title: 'Attic' })
    await other.stop()
  })
})
