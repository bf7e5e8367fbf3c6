import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { createLatchkey, defineIntegration, joseCipher, type Latchkey, secret } from '../../src/index.ts'
import { type PostgresDatabase, postgresPlace, storeIn } from './postgres-place.ts'

const place = postgresPlace()
afterAll(place.clear)

const cipher = joseCipher([new Uint8Array(32).fill(7)])
/** Called by each connect, with the credential. */
let connecting = async (_token: string): Promise<void> => {}
const notes = defineIntegration({
  domain: 'notes',
  title: 'Notes',
  fields: z.object({ token: secret() }),
  async connect({ token }) {
    await connecting(token.reveal())
    return { client: { token: token.reveal() }, uniqueId: 'account', title: 'Account', dispose: () => {} }
  },
})

describe('a database that is restored to an older state', () => {
  let database: PostgresDatabase
  let backup: PostgresDatabase
  let entryId = ''
  const hosts: Latchkey[] = []

  const start = async (): Promise<Latchkey> => {
    const latchkey = await createLatchkey({ integrations: [notes], store: storeIn(database), cipher })
    hosts.push(latchkey)
    await latchkey.start()
    return latchkey
  }
  const used = (host: Latchkey) => host.entries.use(notes, entryId, ({ token }) => token)
  const repair = async (host: Latchkey, token: string) => {
    const form = await host.flows.start({ source: 'reauth', entryId })
    return host.flows.submit(form.flowId, { token }, form)
  }
  const usesSoon = async (host: Latchkey, token: string) => {
    while ((await used(host).catch(() => null)) !== token) await setTimeout(50)
  }

  beforeEach(async () => {
    connecting = async () => {}
    database = await place.database()
    const { flows, stop } = await createLatchkey({ integrations: [notes], store: storeIn(database), cipher })
    const form = await flows.start({ domain: 'notes', source: 'user' })
    entryId = (await flows.submit(form.flowId, { token: 'first' }, form)).entryId ?? ''
    await stop()
    backup = await place.copyOf(database)
  })
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.stop()
  })

  it('takes the writes of a process that keeps running, and another one follows them', async () => {
    const running = await start()
    await repair(running, 'second')
    expect(await used(running)).toBe('second')
    await place.restore(database, backup)
    const started = await start()
    expect(await used(started)).toBe('first')
    // The connections to the old database were closed.
    while ((await repair(running, 'third').catch(() => null)) === null) await setTimeout(50)
    await usesSoon(started, 'third')
    await repair(started, 'fourth')
    await usesSoon(running, 'fourth')
  })

  it('refuses the result of work that began before', async () => {
    const host = await start()
    const begun = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    connecting = async () => {
      begun.resolve()
      await release.promise
    }
    const late = repair(host, 'late').catch((error: { readonly code: string }) => error.code)
    await begun.promise
    await place.restore(database, backup)
    connecting = async () => {}
    await usesSoon(await start(), 'first')
    release.resolve()
    expect(['UNKNOWN_FLOW', 'STALE_REVISION']).toContain(await late)
    await usesSoon(host, 'first')
  })
})
