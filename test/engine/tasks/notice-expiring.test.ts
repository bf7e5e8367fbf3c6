import { describe, expect, it } from '@jest/globals'
import { memoryPlace } from '../../../src/adapters/memory/memory-place.ts'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { StoreError } from '../../../src/errors.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { type Host, makeHost, openForm } from '../host.ts'
import { TamperedStore } from '../tampered-store.ts'

const DAY = 24 * 3_600_000
const SECOND = 1_000

/** A service whose credentials all expire at the same time. */
const endingAt = (expiresAt: number) =>
  new ScriptedService({
    connect: async ({ token }) => {
      const account = token.reveal()
      const client = { account, ping: () => account, drop: () => {} }
      return { client, uniqueId: account, expiresAt }
    },
  })

async function link({ latchkey }: Pick<Host, 'latchkey'>, account: string): Promise<string> {
  const form = await openForm(latchkey)
  const { entryId } = await latchkey.flows.submit(form.flowId, { host: 'h', token: account }, form)
  return entryId ?? ''
}

/** The entries that the history says expire soon, in its order. */
async function noticed({ store }: Host): Promise<(string | null)[]> {
  const { items } = await store.readAudit('default', null, { limit: 999 })
  return items.filter(({ kind }) => kind === 'credential_expiring').map(({ entryId }) => entryId)
}

/** A host whose tasks have had their first turn. */
async function started(options: Parameters<typeof makeHost>[0]): Promise<Host> {
  const made = await makeHost(options)
  await made.latchkey.start()
  await made.pass(10 * SECOND)
  return made
}

describe('the task notice_expiring', () => {
  const service = () => endingAt(1_000_000 + 10 * DAY)

  it('writes one history row for each credential that begins to expire soon', async () => {
    const one = await started({ service: service() })
    const ids = [await link(one, 'ann'), await link(one, 'bob')]
    await one.pass(2 * DAY)
    expect(await noticed(one)).toEqual([])
    await one.pass(DAY)
    expect((await noticed(one)).sort()).toEqual(ids.sort())
    const { items } = await one.latchkey.history(ids[0] ?? '')
    expect(items.at(-1)).toMatchObject({ kind: 'credential_expiring', who: 'latchkey', revision: 1 })
    for (let day = 0; day < 7; day++) await one.pass(DAY)
    expect(await noticed(one)).toHaveLength(2)
  })

  it('notices in one of several processes, and not again after a restart', async () => {
    const place = memoryPlace()
    const one = await started({ service: service(), store: memoryStore(place) })
    const entryId = await link(one, 'ann')
    const two = await started({ service: one.service, store: memoryStore(place), clock: one.clock })
    for (let day = 0; day < 4; day++) await one.pass(DAY)
    expect(await noticed(two)).toEqual([entryId])
    await Promise.all([one.latchkey.stop(), two.latchkey.stop()])
    const three = await started({ service: one.service, store: memoryStore(place), clock: one.clock })
    await three.pass(DAY)
    expect(await noticed(three)).toEqual([entryId])
  })

  it('catches up after all processes were down', async () => {
    const one = await started({ service: service() })
    const entryId = await link(one, 'ann')
    await one.latchkey.stop()
    one.clock.increment(5 * DAY)
    const two = await started({ service: one.service, store: one.store, clock: one.clock })
    expect(await noticed(two)).toEqual([entryId])
  })

  it('omits disabled and removed entries', async () => {
    const one = await started({ service: service() })
    const [disabled, removed] = [await link(one, 'ann'), await link(one, 'bob')]
    await one.latchkey.entries.disable(disabled)
    const { store } = one
    const find = store.findExpiring.bind(store)
    store.findExpiring = async (from, until) => {
      const found = await find(from, until)
      if (found.length > 0) await one.latchkey.entries.remove(removed)
      return found
    }
    await one.pass(3 * DAY)
    expect(await noticed(one)).toEqual([])
    expect(one.log.lines).toEqual([])
  })

  it('notices the others if the history of one cannot be written', async () => {
    const store = new TamperedStore()
    const one = await started({ service: service(), store })
    const [first, second] = [await link(one, 'ann'), await link(one, 'bob')]
    store.onApply = async (apply, writes) => {
      if (JSON.stringify(writes).includes(first)) throw new StoreError('The connection broke.')
      await apply()
    }
    await one.pass(3 * DAY)
    await one.pass(10 * SECOND)
    expect(await noticed(one)).toEqual([second])
    expect(one.log.lines).toMatchObject([
      {
        message: 'The history does not contain that a credential expires soon.',
        fields: { entryId: first, error: { code: 'STORE' } },
      },
    ])
  })

  it('leaves a step to the process that is ahead', async () => {
    const store = new TamperedStore()
    const one = await started({ service: service(), store })
    const position = await store.cursors.get('notice_expiring')
    const find = store.inner.findExpiring.bind(store.inner)
    let steps = 0
    store.inner.findExpiring = async (from, until) => {
      steps++
      await store.cursors.move('notice_expiring', from, from + 2 * DAY)
      return find(from, until)
    }
    await one.pass(DAY)
    expect(steps).toBe(1)
    expect(await store.cursors.get('notice_expiring')).toBe((position ?? 0) + 2 * DAY)
  })

  it('ignores a position of a clock that was a year ahead', async () => {
    const one = await started({ service: service() })
    const entryId = await link(one, 'ann')
    const { cursors } = one.store
    await cursors.move('notice_expiring', await cursors.get('notice_expiring'), 1_000_000 + 365 * DAY)
    await one.pass(2 * DAY)
    await one.pass(DAY)
    expect(await noticed(one)).toEqual([entryId])
  })
})
