import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A proxy to a server, whose connections can be cut and restored. */
export async function wireTo(port: number) {
  const ends = new Set<Socket>()
  const wire = { cut: false, port: 0, break: () => {}, stop: () => {} }
  const server = createServer((near) => {
    if (wire.cut) return near.destroy()
    const far = connect(port, '127.0.0.1')
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end)
      end.pipe(other)
      // A cut is expected.
      end.on('error', () => other.destroy()).on('close', () => ends.delete(end))
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  wire.port = (server.address() as AddressInfo).port
  wire.break = () => {
    wire.cut = true
    for (const end of ends) end.destroy()
  }
  wire.stop = () => {
    server.close()
    for (const end of ends) end.destroy()
  }
  return wire
}
