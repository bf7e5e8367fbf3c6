// A process that serves one of the contenders, and reports its processor time in µs.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { httpBare } from './http-bare.ts'
import { httpLatchkey } from './http-latchkey.ts'

const methods = { latchkey: httpLatchkey, bare: httpBare }
const { handler, token } = await methods[process.argv[2] as keyof typeof methods]()
const server = createServer(getRequestListener(handler))
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port, token })
})

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
process.on('disconnect', () => process.exit())
