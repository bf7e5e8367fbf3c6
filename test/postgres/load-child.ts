/**
 * A host under load in a separate process: `node load-child.ts <store> <lanes> <seed>`. It repairs the entries
 * of load-integration.ts, links new accounts and uses entries, until its parent sends `stop` or kills it. It sends the
 * result of each flow to its parent.
 */
import { createLatchkey, LatchkeyError, type View } from '../../src/index.ts'
import { openStoreAt } from '../crash/store-at.ts'
import { randomFrom } from '../stories/random-stops.ts'
import { AWAY, loadIntegration, loginFor, wrongLogin } from './load-integration.ts'

/** A result that a caller of this process received, or an error without one of the expected codes. */
export type Told =
  | { readonly type: 'saved'; readonly flowId: string; readonly entryId: string; readonly serial: string }
  | { readonly type: 'refused'; readonly code: string }
  | { readonly type: 'wrong'; readonly error: string }

/** Number of accounts that the processes try to link, so that they compete for each. */
const ACCOUNTS = 50
/** The refusals of a caller that competes with others. */
const EXPECTED = ['STALE_REVISION', 'FLOW_ENDED', 'UNKNOWN_FLOW', 'ALREADY_IN_PROGRESS']

const [place = '', lanes = '1', seed = '1'] = process.argv.slice(2)
const random = randomFrom(Number(seed))
const integration = loadIntegration(random)
const { domain } = integration
const store = openStoreAt(place)
const limits = {
  attemptsPerEntry: 1_000_000,
  attemptsPerDomain: 1_000_000,
  unreachablePerDomain: 1_000_000,
  openFlows: 1_000_000,
}
const latchkey = await createLatchkey({ integrations: [integration], store, limits })
void latchkey.start().catch(() => {})
const { flows, entries } = latchkey
let isStopping = false
let serials = 0

const tell = (told: Told): void => {
  if (process.connected) process.send?.(told)
}
const oneOf = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item

/** Submits a wrong login sometimes, then a right one. */
async function play(form: View, account: string): Promise<void> {
  const serial = `${process.pid}.${++serials}`
  let view = form
  if (random() < 0.3) view = await flows.submit(view.flowId, wrongLogin(serial), view)
  if (view.type !== 'form') return
  view = await flows.submit(view.flowId, loginFor(account, serial), view)
  // The account is linked already, and its entry needs this login.
  if (view.type === 'form' && view.step === 'repair_confirm') view = await flows.submit(view.flowId, {}, view)
  const isSaved =
    view.type === 'create_entry' || (view.type === 'abort' && view.reason === 'reauth_successful')
  if (isSaved && view.entryId !== null)
    tell({ type: 'saved', flowId: view.flowId, entryId: view.entryId, serial })
}

async function repair(): Promise<void> {
  const { entryId, title } = oneOf((await entries.list({ limit: 200 })).items)
  await play(await flows.start({ source: 'reauth', entryId }), title)
}

const link = async () =>
  play(await flows.start({ domain, source: 'user' }), `new-${Math.floor(random() * ACCOUNTS)}`)

async function use(): Promise<void> {
  const { entryId } = oneOf((await entries.list({ limit: 200 })).items)
  await entries.use(integration, entryId, (client) => client.call())
}

async function lane(): Promise<void> {
  while (!isStopping) {
    const chance = random()
    try {
      await (chance < 0.6 ? repair() : chance < 0.8 ? link() : use())
    } catch (error) {
      const code = error instanceof LatchkeyError ? error.code : String(error)
      tell(
        [...EXPECTED, ...AWAY].includes(code)
          ? { type: 'refused', code }
          : { type: 'wrong', error: `${code} ${error}` },
      )
      // The database may be away.
      if (AWAY.includes(code)) await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

process.once('disconnect', () => isStopping || process.exit(1))
process.once('message', () => {
  isStopping = true
})
process.send?.({ type: 'ready' })
await Promise.all(Array.from({ length: Number(lanes) }, lane))
await latchkey.stop()
process.disconnect()
