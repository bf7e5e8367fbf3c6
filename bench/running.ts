import { SimulatedClock } from 'xstate'
import { createLatchkey, memoryStore, plainCipher } from '../src/index.ts'
import { collectGarbage } from './garbage.ts'
import { entryRecord, fill, SCOPE } from './records.ts'
import type { Bench } from './result.ts'
import { integration } from './service.ts'

const ENTRIES = 20_000
const NAME = 'entries/bytes'
/** The time until a loaded entry has no timer, in milliseconds. */
const SETTLED = 60_000

/** Measures the memory of an entry that is loaded, without its record and the client of its integration. */
export const runningBench: Bench = {
  names: [NAME],
  async run() {
    const store = memoryStore()
    await fill(store, ENTRIES, SCOPE, (id) => ({ put: 'entry', record: entryRecord(id), ifRevision: 0 }))
    // The clients exist before, so that they do not count.
    const connected = Array.from({ length: ENTRIES }, (_, at) => {
      const uniqueId = `${SCOPE}-${at}`
      return [
        uniqueId,
        { client: { ping: () => 'pong' }, uniqueId, title: 'Hub', dispose: () => {} },
      ] as const
    })
    const clients = new Map(connected)
    let count = 0
    const prepared: typeof integration = {
      ...integration,
      async connect({ token }) {
        const text = token.reveal()
        const client = clients.get(text.slice(0, text.indexOf('@')))
        if (client === undefined) throw new Error('The entry is unknown.')
        count++
        return client
      },
    }
    const clock = new SimulatedClock()
    const latchkey = await createLatchkey({ integrations: [prepared], store, cipher: plainCipher(), clock })
    const before = heap()
    await latchkey.start()
    clock.increment(SETTLED)
    if (count !== ENTRIES) throw new Error(`Of ${ENTRIES} entries ${count} were loaded.`)
    const value = (heap() - before) / ENTRIES
    await latchkey.stop()
    return [{ name: NAME, value, unit: 'bytes' }]
  },
}

function heap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
