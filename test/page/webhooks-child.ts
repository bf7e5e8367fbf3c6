/**
 * Serves the page with a webhook in a SQLite file, and kills itself `during` or `after` the removal of a webhook:
 * `node webhooks-child.ts <path> <port> <moment>`. Sends its port. With a port, the file has a webhook or had one.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { type Handler, latchkeyHandler } from '../../src/http/index.ts'
import { createLatchkey } from '../../src/index.ts'

const [path = '', port = '0', moment = 'never'] = process.argv.slice(2)
const latchkey = await createLatchkey({ integrations: [], store: sqliteStore(path) })
let handler: Handler | undefined
const server = createServer(
  getRequestListener(async (request) => {
    const isRemoval = request.method === 'DELETE'
    if (isRemoval && moment === 'during') process.kill(process.pid, 'SIGKILL')
    const answer = await handler?.(request)
    if (isRemoval && moment === 'after') process.kill(process.pid, 'SIGKILL')
    return answer ?? new Response(null, { status: 503 })
  }),
)
server.listen(Number(port), '127.0.0.1')
await once(server, 'listening')
const at = (server.address() as AddressInfo).port
handler = latchkeyHandler(latchkey, {
  page: pageFiles(),
  publicUrl: `http://127.0.0.1:${at}`,
  authorize: () => ({ scope: 'default', principal: 'ada', rights: ['manage'] }),
})
if (port === '0') await latchkey.webhooks.add({ url: 'https://example.org/hooks' })
process.send?.(at)
