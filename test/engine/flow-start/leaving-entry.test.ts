import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import type { StartRequest } from '../../../src/engine/api/flows.ts'
import type { Store } from '../../../src/ports/store.ts'
import { addEntry, asForm, atRest, type Host, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'
import { withSubentries } from '../subentry-host.ts'
import { TamperedStore } from '../tampered-store.ts'

const stores = someStores()
afterAll(stores.clear)

const starts = {
  reauth: { source: 'reauth' },
  reconfigure: { source: 'reconfigure' },
  replace: { source: 'replace' },
  options: { source: 'options' },
  subentry: { source: 'subentry', type: 'room' },
} as const

/** Leaves an entry, and opens a flow about it after `turns`. Returns the flows that are open afterwards. */
async function race(
  make: () => Store,
  { leave, start, turns }: { leave: 'remove' | 'disable'; start: StartRequest; turns: number },
) {
  const { latchkey, service, withThem, entryId, ...host } = await withSubentries({ store: make() })
  const optional = defineIntegration({ ...withThem, options: z.object({ every: z.number().optional() }) })
  const own = await host.again({ service, integrations: [optional] })
  const going = own.latchkey.entries[leave](entryId)
  for (let turn = 0; turn < turns; turn++) await null
  const started = await own.latchkey.flows.start({ ...start, entryId }).catch((error) => error.code)
  await going
  await atRest()
  const { items } = await own.latchkey.flows.list()
  await own.latchkey.stop()
  await latchkey.stop()
  return { open: items, started }
}

describe.each(stores.each)('over the %s store', (_, make) => {
  it.each(
    Object.entries(starts).flatMap(([name, start]) => [
      { name, leave: 'remove' as const, start },
      { name, leave: 'disable' as const, start },
    ]),
  )('a $name flow that starts during $leave does not outlive it', async ({ leave, start }) => {
    for (let turns = 0; turns < 16; turns += 1) {
      const { open } = await race(make, { leave, start, turns })
      expect({ turns, open }).toEqual({ turns, open: [] })
    }
  })
})

describe('a flow that starts in another process', () => {
  async function twoProcesses() {
    const store = new TamperedStore()
    const one = await withSubentries({ store })
    const two = await one.again({ integrations: [one.withThem] })
    /** Runs a call of the other process right before the next write of this one. */
    const beforeNextWrite = (call: (host: Host) => Promise<unknown>) => {
      store.onApply = async (apply) => {
        store.onApply = (next) => next()
        await call(two)
        await apply()
      }
    }
    return { ...one, two, store, beforeNextWrite }
  }

  it('ends with the removal that it overtakes', async () => {
    const { latchkey, entryId, beforeNextWrite } = await twoProcesses()
    beforeNextWrite(({ latchkey: { flows } }) => flows.start({ source: 'reauth', entryId }))
    await latchkey.entries.remove(entryId)
    expect((await latchkey.flows.list()).items).toEqual([])
  })

  it('ends with the removal of the sub-entry that it changes', async () => {
    const { latchkey, entryId, beforeNextWrite, add, idOf } = await twoProcesses()
    await add('room', { name: 'Attic' })
    const subentryId = await idOf('Attic')
    beforeNextWrite(({ latchkey: { flows } }) => flows.start({ source: 'subentry', entryId, subentryId }))
    await latchkey.entries.removeSubentry(entryId, subentryId)
    expect((await latchkey.flows.list()).items).toEqual([])
  })

  it('is not opened after the entry was removed', async () => {
    const { latchkey, entryId, beforeNextWrite } = await twoProcesses()
    beforeNextWrite(({ latchkey: { entries } }) => entries.remove(entryId))
    await expect(latchkey.flows.start({ source: 'reauth', entryId })).rejects.toMatchObject({
      code: 'UNKNOWN_ENTRY',
    })
  })

  it.each(['reauth', 'subentry'] as const)(
    'a %s flow opens although the entry was renamed',
    async (source) => {
      const { latchkey, entryId, beforeNextWrite } = await twoProcesses()
      beforeNextWrite(({ latchkey: { entries } }) => entries.update(entryId, { title: 'Attic' }))
      const form = asForm(await latchkey.flows.start({ ...starts[source], entryId }))
      expect((await latchkey.entries.get(entryId)).title).toBe('Attic')
      expect((await latchkey.flows.list()).items).toMatchObject([{ flowId: form.flowId }])
    },
  )
})

describe('a flow that works while its entry is disabled', () => {
  it('ends also if it began after the interruption', async () => {
    const store = new TamperedStore()
    const host = await makeHost({ store })
    const entryId = await addEntry(host)
    const form = asForm(await host.latchkey.flows.start({ source: 'reauth', entryId }))
    host.service.script({ held: 'invalid_auth' })
    let submitted: Promise<unknown> | null = null
    store.onApply = async (apply) => {
      store.onApply = (next) => next()
      submitted = host.latchkey.flows.submit(form.flowId, { token: 'new' }, form)
      await atRest()
      await apply()
    }
    await host.latchkey.entries.disable(entryId)
    host.service.release()
    await submitted
    expect((await host.latchkey.flows.list()).items).toEqual([])
  })
})
