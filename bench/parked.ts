import { createLatchkey, memoryStore, plainCipher } from '../src/index.ts'
import { collectGarbage } from './garbage.ts'
import { entryRecord, fill, SCOPE } from './records.ts'
import type { Bench, Result } from './result.ts'
import { integration } from './service.ts'

const FLOWS = 100_000
const limits = { openFlows: Number.MAX_SAFE_INTEGER }

/** Measures the memory of a flow that waits for a user: its record, indexes and history. */
export const parkedBench: Bench = {
  names: ['parked/bytes', 'parked/bytes-reauth'],
  run: async () => [await parked('parked/bytes', 'user'), await parked('parked/bytes-reauth', 'reauth')],
}

async function parked(name: string, source: 'user' | 'reauth'): Promise<Result> {
  const store = memoryStore()
  const latchkey = await createLatchkey({ integrations: [integration], store, cipher: plainCipher(), limits })
  const ids: string[] = []
  if (source === 'reauth') {
    await fill(store, FLOWS, SCOPE, (id) => {
      ids.push(id)
      return { put: 'entry', record: entryRecord(id), ifRevision: 0 }
    })
  }
  const { flows } = latchkey
  const start = (at: number) => {
    const entryId = ids[at]
    return flows.start(entryId === undefined ? { source, domain: integration.domain } : { source, entryId })
  }
  const before = heap()
  for (let at = 0; at < FLOWS; at++) await start(at)
  const value = (heap() - before) / FLOWS
  await latchkey.stop()
  return { name, value, unit: 'bytes' }
}

function heap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
