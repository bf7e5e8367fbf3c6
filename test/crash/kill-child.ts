/**
 * Plays a story on a SQLite file and kills itself on the way:
 * `node kill-child.ts <path> <story> <series> <number>`. Without a kill it prints how many points it came by.
 */
import { type SQLInputValue, StatementSync } from 'node:sqlite'
import { promiseHooks } from 'node:v8'
import { sqliteStore } from '../../src/adapters/sqlite-store.ts'
import { createLatchkey, type Store } from '../../src/index.ts'
import { logins, mendedService, rotate } from './mended-service.ts'

const [path = '', story = '', series = '', number = '0'] = process.argv.slice(2)
const fatal = Number(number)
let armed = false
let points = 0

function pass(): void {
  if (armed && ++points === fatal) process.kill(process.pid, 'SIGKILL')
}

/** Every await that goes on; every statement, and what follows each `commit`; every write, before and after. */
function watch(store: Store): Store {
  if (series === 'await') promiseHooks.onBefore(pass)
  if (series === 'statement') {
    const { run } = StatementSync.prototype
    const counted = function (this: StatementSync, ...values: SQLInputValue[]) {
      pass()
      const result: unknown = Reflect.apply(run, this, values)
      if (this.sourceSQL === 'commit') pass()
      return result
    }
    Object.assign(StatementSync.prototype, { run: counted })
  }
  if (series !== 'write') return store
  const apply = store.apply.bind(store)
  store.apply = async (scope, writes) => {
    pass()
    await apply(scope, writes)
    pass()
  }
  return store
}

const service = mendedService(story === 'user' ? logins.fresh.token : logins.old.token)
const { integration } = service
const { domain } = integration
const latchkey = await createLatchkey({ integrations: [integration], store: watch(sqliteStore(path)) })
await latchkey.start()
armed = true
if (story === 'user') {
  const form = await latchkey.flows.start({ domain, source: 'user' })
  const again = await latchkey.flows.submit(form.flowId, logins.wrong, form)
  await latchkey.flows.submit(form.flowId, logins.fresh, again)
} else {
  const entryId = (await latchkey.entries.list()).items[0]?.entryId ?? ''
  rotate(service, logins.fresh.token)
  await latchkey.entries.use(integration, entryId, (client) => client.ping()).catch(() => {})
  const source = story === 'reconfigure' ? 'reconfigure' : 'reauth'
  const form = await latchkey.flows.start({ source, entryId })
  if (story === 'challenge') service.script({ challenge: 'otp', state: { session: 1 } })
  const first = story === 'challenge' ? logins.fresh : logins.wrong
  const again = await latchkey.flows.submit(form.flowId, first, form)
  const second = story === 'challenge' ? { code: '123456' } : logins.fresh
  await latchkey.flows.submit(form.flowId, second, again)
  await latchkey.entries.use(integration, entryId, (client) => client.ping())
}
armed = false
await latchkey.stop()
console.log(points)
