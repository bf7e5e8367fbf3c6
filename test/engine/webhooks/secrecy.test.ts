import { afterEach, describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { addEntry, loseCredential } from '../host.ts'
import { closeHosts, makeWebhookHost } from './webhook-host.ts'

afterEach(closeHosts)

describe('the secret of a webhook', () => {
  it('is stored encrypted, and is in no log line, event, view, history row or request', async () => {
    const store = memoryStore()
    const host = await makeWebhookHost({ store, cipher: store.cipher ?? { seal: fails, open: fails } })
    const events: unknown[] = []
    for (const type of ['webhook_changed', 'entry_added', 'attention_changed', 'transition'] as const)
      host.latchkey.on(type, (event) => events.push(event))
    const { id, secret } = await host.hook()
    const { secret: next } = await host.latchkey.webhooks.rotateSecret(id)
    host.server.script(500)
    const entryId = await addEntry(host, { token: 'field-value', host: 'other-value' })
    await loseCredential(host, entryId, 'field-value')
    await host.deliver()
    const test = await host.latchkey.webhooks.test(id)
    await host.latchkey.webhooks.change(id, { enabled: false })
    const rows = []
    for (const list of ['receivers', 'cursor', id])
      rows.push(await store.webhooks.list('default', list, { limit: 99 }))
    const history = await store.readAudit('default', null, { limit: 99 })
    const sinks = { rows, history, events, test, log: host.log.lines, received: host.server.received }
    const all = JSON.stringify({
      ...sinks,
      views: await host.latchkey.webhooks.list(),
      log2: await host.deliveries(id),
    })
    // What is searched has the events, so a secret would be found.
    expect(all).toContain('entry.reauth_required')
    expect(all).toContain('webhook_secret_rotated')
    for (const hidden of [secret, next]) {
      expect(all).not.toContain(hidden)
      expect(all).not.toContain(hidden.slice('whsec_'.length))
    }
    const sent = JSON.stringify(host.server.received)
    expect(sent).not.toMatch(/field-value|other-value/)
  })

  it('is needed for no stored body: that of an ended delivery is deleted', async () => {
    const host = await makeWebhookHost()
    const { id } = await host.hook()
    await addEntry(host)
    await host.deliver()
    const { items } = await host.store.webhooks.list('default', id, { limit: 9 })
    expect(items).toMatchObject([{ content: { step: 'delivered', body: null } }])
  })

  it('opens in no other webhook', async () => {
    const store = memoryStore()
    const host = await makeWebhookHost({ store, cipher: store.cipher ?? { seal: fails, open: fails } })
    const [{ id: first }, { id: other }] = [await host.hook(), await host.hook()]
    const [mine, theirs] = [
      await store.webhooks.get('default', first),
      await store.webhooks.get('default', other),
    ]
    if (mine === undefined || theirs === undefined) throw new Error('A webhook is missing.')
    const content = { ...mine.content, sealed: String(theirs.content.sealed) }
    const record = { ...mine, content, revision: mine.revision + 1 }
    await store.apply('default', [{ put: 'webhook', record, ifRevision: mine.revision }])
    expect(await host.latchkey.webhooks.test(first)).toMatchObject({
      state: 'given_up',
      attempts: [{ status: null, code: 'not_signed' }],
    })
    expect(host.server.received).toEqual([])
    expect(host.log.messages).toContain('A webhook could not be signed.')
  })
})

const fails = async (): Promise<never> => {
  throw new Error('The store has a cipher.')
}
