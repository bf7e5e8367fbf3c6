import { joseCipher, memoryStore, plainCipher } from '../src/index.ts'
import { bareRunner } from './bare-runner.ts'
import { engineRunner } from './engine-runner.ts'
import type { FlowRunner } from './flow-runner.ts'
import { collectGarbage } from './garbage.ts'
import { handWrittenRunner } from './hand-written-runner.ts'

/** The measured flows. */
export type Kind = 'reauth' | 'wrongAccount' | 'user'

/** The input of a process of `flow/*`. */
export interface FlowJob {
  readonly runner: keyof typeof runners
  readonly kind: Kind
}

/** Approximate number of flows until the compiler has optimized the code. */
const FIRST_WARM_UP = 4_000
const WARM_UP = 500
const FLOWS = 500

const key = crypto.getRandomValues(new Uint8Array(32))
const runners = {
  engine: () => engineRunner({ store: memoryStore(), cipher: plainCipher() }),
  sealed: () => engineRunner({ store: memoryStore(), cipher: joseCipher([key]) }),
  bare: bareRunner,
  handWritten: handWrittenRunner,
}

const [name, kind] = process.argv.slice(2) as [FlowJob['runner'], Kind]
let runner: FlowRunner | undefined

async function run(count: number): Promise<number> {
  for (let flow = 0; flow < count; flow++) await runner?.[kind]()
  return count
}

/** Each round uses a new store, because flows leave tombstones and entries. */
async function prepare(): Promise<number> {
  const isFirst = runner === undefined
  await runner?.stop?.()
  runner = await runners[name]()
  // Before the warm-up, because it also discards optimized code.
  collectGarbage()
  return run(isFirst ? FIRST_WARM_UP : WARM_UP)
}

// Timers of flows, such as that of a kept connection, would keep this process alive.
process.on('disconnect', () => process.exit())

process.on('message', (what) => {
  const done = what === 'prepare' ? prepare() : run(FLOWS)
  done.then(
    (count) => process.send?.(count),
    (error: unknown) => {
      throw error
    },
  )
})
