import { type PostgresStoreOptions, postgresStore } from '../src/adapters/postgres/postgres-store.ts'
import { type Cipher, createLatchkey, joseCipher } from '../src/index.ts'
import { addEntry, reauthenticate } from './engine-runner.ts'
import { expectEnd } from './flow-runner.ts'
import { integration } from './service.ts'

const key = crypto.getRandomValues(new Uint8Array(32))

/** Encrypts nothing, so that the cost of encryption can be measured. */
const openCipher: Cipher = {
  seal: async (plaintext) => `open:${plaintext}`,
  open: async (sealed) => sealed.slice('open:'.length),
}

interface LanesOptions extends PostgresStoreOptions {
  readonly lanes: number
  readonly sealed: boolean
}

/** A host whose users repair their entries at the same time: each lane is one entry of one scope. */
export async function postgresLanes(url: string, { lanes, sealed, ...options }: LanesOptions) {
  const latchkey = await createLatchkey({
    integrations: [integration],
    store: postgresStore(url, { connections: 16, ...options }),
    cipher: sealed ? joseCipher([key]) : openCipher,
    scopes: true,
  })
  const users = await Promise.all(
    Array.from({ length: lanes }, async (_, at) => {
      const user = latchkey.scope(`scope-${at}`)
      return { user, entryId: await addEntry(user, 'mine') }
    }),
  )
  return {
    latchkey,
    /** Each lane repairs its entry this many times. @returns the number of flows */
    async run(each: number): Promise<number> {
      const lane = async ({ user, entryId }: (typeof users)[number]) => {
        for (let flow = 0; flow < each; flow++)
          expectEnd(await reauthenticate(user, entryId, 'mine'), 'reauth_successful')
      }
      await Promise.all(users.map(lane))
      return each * lanes
    },
    stop: () => latchkey.stop(),
  }
}
