// A page loads in half of the time in a tab that has loaded the same addresses before. So the servers of a test file use the
// same ports, one after the other.
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The ports of servers that were closed. */
const ports: number[] = []

/** Starts a server at the port of a closed one. The first one gets any free port. */
export async function atKeptPort<T>(start: (port: number) => Promise<T>): Promise<T> {
  const port = ports.pop()
  if (port === undefined) return start(0)
  try {
    return await start(port)
  } catch {
    // Another process has taken it since.
    return start(0)
  }
}

/** Keeps the port of a closed server for the next one. */
export const keepPort = (port: number): unknown => ports.push(port)

/** Starts a server of Node. Returns its port. */
export async function listen(server: Server): Promise<number> {
  const port = await atKeptPort(async (at) => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  })
  server.once('close', () => keepPort(port))
  return port
}
