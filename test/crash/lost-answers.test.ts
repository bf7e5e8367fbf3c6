import { describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../src/adapters/memory/memory-store.ts'
import { ENTRY_MESSAGES } from '../../src/engine/entries/entry-log.ts'
import { createLatchkey, type Latchkey, StoreError, type View } from '../../src/index.ts'
import { FailingStore, fullDisk } from '../../src/testing/failing-store.ts'
import { loginOf } from './left-behind.ts'
import { logins, mendedService, rotate } from './mended-service.ts'

const sources = ['user', 'reauth', 'reconfigure'] as const

const lostAnswer = (): never => {
  throw new StoreError('The answer was lost.')
}

const cases = sources.flatMap((source) =>
  (['before', 'after'] as const).flatMap((loss) => [1, 2, 3, 4].map((write) => ({ source, loss, write }))),
)

describe('a write that fails', () => {
  it.each(cases)(
    'number $write of a $source, $loss it was written, can be made good',
    async ({ source, loss, write }) => {
      const service = mendedService()
      const warnings: unknown[] = []
      const ofStates: readonly string[] = Object.values(ENTRY_MESSAGES)
      const warn = (_: object, message: string) => !ofStates.includes(message) && warnings.push(message)
      const log = { info: () => {}, warn, error: () => {} }
      const store = new FailingStore(memoryStore())
      const latchkey = await createLatchkey({
        integrations: [service.integration],
        store,
        log,
      })
      let entryId = ''
      if (source !== 'user') {
        const form = await latchkey.flows.start({ domain: 'scripted', source: 'user' })
        entryId = (await latchkey.flows.submit(form.flowId, logins.old, form)).entryId ?? ''
      }
      rotate(service, logins.fresh.token)
      store[loss]('apply', write, loss === 'before' ? fullDisk : lostAnswer)
      const ping = () => latchkey.entries.use(service.integration, entryId, (client) => client.ping())
      if (source !== 'user') await ping().catch(() => {})
      const request = source === 'user' ? { domain: 'scripted', source } : { source, entryId }
      const end = await persist(latchkey, request, [logins.wrong, logins.fresh])
      expect(end).toMatchObject({ success: true })
      // The fourth write is one that only a few of the stories come to.
      if (write < 4) expect(store.clear()).toBe(0)
      entryId = end.entryId ?? ''

      expect(await ping()).toBe('pong')
      expect(await latchkey.entries.list()).toMatchObject({
        items: [{ entryId, state: 'loaded', reauth: null }],
      })
      expect(await latchkey.flows.list()).toMatchObject({ items: [] })
      const stored = await store.getEntry('default', entryId)
      expect(stored && (await loginOf(store, stored))).toEqual(logins.fresh)
      expect(stored?.credentialRevision).toBe(source === 'user' ? 1 : 2)
      expect(service.open).toBe(1)
      await latchkey.stop()
      expect(service.open).toBe(0)
      expect(warnings).toEqual([])
    },
  )
})

/** A user who reads the flow after every failure, and continues. */
async function persist(
  latchkey: Latchkey,
  request: Parameters<Latchkey['flows']['start']>[0],
  [wrong, right]: readonly [object, object],
): Promise<View> {
  let input = wrong
  let known: View | undefined
  for (let tries = 0; tries < 9; tries++) {
    try {
      known ??= (await latchkey.flows.list()).items[0] ?? (await latchkey.flows.start(request))
      const view = await latchkey.flows.submit(known.flowId, input, known)
      if (view.type !== 'form') return view
      known = view
      input = right
    } catch (error) {
      expect(['STORE', 'STALE_REVISION', 'FLOW_ENDED']).toContain((error as { code?: unknown }).code)
      if (known !== undefined) known = await latchkey.flows.get(known.flowId)
      if (known !== undefined && known.type !== 'form') return known
    }
  }
  throw new Error('Too many failures.')
}
