/** A host of token-integration.ts in a separate process: `node token-child.ts <place>`. */
import { createLatchkey } from '../../src/index.ts'
import { answerCalls } from './answer-calls.ts'
import { openStoreAt } from './store-at.ts'
import { tokenIntegration } from './token-integration.ts'

type Pause = 'stand still' | 'stand still after the reply'

/** The behavior of this process at its next refresh. */
let plan: 'renew' | 'die before the request' | 'die after the reply' | Pause = 'renew'
let goOn: () => void = () => {}
let isStanding: () => void = () => {}
const standing = new Promise<void>((resolve) => (isStanding = resolve))
const stand = async () => {
  isStanding()
  await new Promise<void>((resolve) => (goOn = resolve))
}
const die = () => process.kill(process.pid, 'SIGKILL')

const integration = tokenIntegration({
  beforeRequest: async () => {
    if (plan === 'die before the request') die()
    if (plan === 'stand still') await stand()
  },
  afterReply: async () => {
    if (plan === 'die after the reply') die()
    if (plan === 'stand still after the reply') await stand()
  },
})
const store = openStoreAt(process.argv[2] ?? '')
// Short, so that the tests need not wait long for its end, but longer than a busy machine delays its renewal.
const limits = { refreshLease: 1_500 }
const latchkey = await createLatchkey({ integrations: [integration], store, limits })

const calls = {
  stop: () => latchkey.stop(),
  plan: async (next: typeof plan) => {
    plan = next
  },
  /** Resolves when this process stands still. */
  standing: () => standing,
  goOn: async () => goOn(),
  /** So many calls at once; how many were made with which token, or ended how. */
  use: async (entryId: string, count: number) => {
    const work = () => latchkey.entries.use(integration, entryId, (client) => client.token())
    const all = await Promise.allSettled(Array.from({ length: count }, work))
    const endings: Record<string, number> = {}
    for (const one of all) {
      const ending = one.status === 'fulfilled' ? one.value : codesOf(one.reason)
      endings[ending] = (endings[ending] ?? 0) + 1
    }
    return endings
  },
}

/** The code of an error, and those of its entry. */
const codesOf = ({ code, state, reason }: Record<'code' | 'state' | 'reason', string | undefined>): string =>
  [code, state, reason].filter((one) => one !== undefined).join(' ')

/** The calls of a host of tokens in another process. */
export type TokenCalls = typeof calls

answerCalls(calls)
