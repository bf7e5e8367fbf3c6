/**
 * Plays a story on a SQLite file and kills itself on the way:
 * `node kill-child.ts <path> <story> <series> <number>`. Without a kill it prints how many points it came by.
 */
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { KillCounter, type Series } from './kill-counter.ts'
import { logins, mendedService, rotate } from './mended-service.ts'

const [path = '', story = '', series = '', number = '0'] = process.argv.slice(2)
const kills = new KillCounter(Number(number))
const service = mendedService(story === 'user' ? logins.fresh.token : logins.old.token)
const { integration } = service
const { domain } = integration
const store = kills.watch(sqliteStore(path), series as Series)
const latchkey = await createLatchkey({ integrations: [integration], store })
await latchkey.start()
kills.armed = true
if (story === 'user') {
  const form = await latchkey.flows.start({ domain, source: 'user' })
  const again = await latchkey.flows.submit(form.flowId, logins.wrong, form)
  await latchkey.flows.submit(form.flowId, logins.fresh, again)
} else if (story === 'repair') {
  const entryId = (await latchkey.entries.list()).items[0]?.entryId ?? ''
  rotate(service, logins.fresh.token)
  await latchkey.entries.use(integration, entryId, (client) => client.ping()).catch(() => {})
  const form = await latchkey.flows.start({ domain, source: 'user' })
  const asked = await latchkey.flows.submit(form.flowId, logins.fresh, form)
  await latchkey.flows.submit(form.flowId, {}, asked)
  await latchkey.entries.use(integration, entryId, (client) => client.ping())
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
kills.armed = false
await latchkey.stop()
console.log(kills.count)
