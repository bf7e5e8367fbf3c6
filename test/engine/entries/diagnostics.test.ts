import { describe, expect, it } from '@jest/globals'
import { plainCipher } from '../../../src/adapters/plain-cipher.ts'
import { addEntry, makeHost } from '../host.ts'

describe('entries.diagnostics', () => {
  it('has the state, the versions and the last rows of the history, newest first', async () => {
    const { latchkey, ...host } = await makeHost()
    const entryId = await addEntry({ latchkey, ...host })
    await latchkey.entries.requestReauth(entryId)
    const report = await latchkey.entries.diagnostics(entryId, { language: 'de' })
    expect(report).toMatchObject({
      at: host.clock.now(),
      entry: { entryId, language: 'de' },
      attention: { reason: 'requested', text: 'Eine neue Anmeldung wurde angefordert.' },
      versions: { stored: 1, integration: 1 },
    })
    const { items } = await latchkey.history(entryId)
    expect(report.history).toEqual(items.toReversed())
  })

  it('has the last 50 rows of a long history', async () => {
    const { latchkey, ...host } = await makeHost()
    const entryId = await addEntry({ latchkey, ...host })
    for (let times = 0; times < 30; times++) {
      await latchkey.entries.disable(entryId)
      await latchkey.entries.enable(entryId)
    }
    const { history } = await latchkey.entries.diagnostics(entryId)
    expect(history).toHaveLength(50)
    expect(history[0]).toMatchObject({ kind: 'entry_enabled' })
  })

  it('redacts a secret that the user has put into a name', async () => {
    const { latchkey, ...host } = await makeHost()
    const entryId = await addEntry({ latchkey, ...host }, { token: 'a-secret-of-the-user' })
    await latchkey.entries.update(entryId, { title: 'Hub a-secret-of-the-user' })
    const report = JSON.stringify(await latchkey.entries.diagnostics(entryId))
    expect(report).not.toContain('a-secret')
    expect(report).toContain('Hub [secret]')
  })

  it('has the state of an entry whose secrets cannot be decrypted', async () => {
    const { latchkey, ...host } = await makeHost()
    const entryId = await addEntry({ latchkey, ...host })
    const { seal, ...cipher } = plainCipher()
    const open = () => Promise.reject(new Error('Another key encrypted it.'))
    const other = await host.again({ cipher: { ...cipher, seal, open } })
    expect(await other.latchkey.entries.diagnostics(entryId)).toMatchObject({
      entry: { entryId, title: 'Scripted' },
      versions: { stored: 1, integration: 1 },
      history: [{ kind: 'entry_created' }],
    })
  })

  it('of a removed entry has its history, and of an unknown one nothing', async () => {
    const { latchkey, ...host } = await makeHost()
    const entryId = await addEntry({ latchkey, ...host })
    await latchkey.entries.remove(entryId)
    expect(await latchkey.entries.diagnostics(entryId)).toMatchObject({
      entry: null,
      attention: null,
      versions: { stored: null, integration: null },
      history: [{ kind: 'entry_removed' }, { kind: 'entry_created' }],
    })
    await expect(latchkey.entries.diagnostics('none')).rejects.toMatchObject({ code: 'UNKNOWN_ENTRY' })
  })
})
