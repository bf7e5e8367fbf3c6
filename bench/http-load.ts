// A process that loads a server with a number of steps, in lanes. Each lane submits to its own flow sequentially.
// It writes HTTP/1.1 to sockets, because common clients use more processor time than the measured server.
import { connect, type Socket } from 'node:net'

const LANES = 32

interface Load {
  readonly port: number
  readonly path: string
  readonly token: string
  readonly steps: number
}

process.on('message', (load: Load) => {
  run(load).then((steps) => process.send?.(steps))
})

async function run(load: Load): Promise<number> {
  let left = load.steps
  const lane = async () => {
    const socket = connect(load.port, '127.0.0.1').setEncoding('latin1').setNoDelay(true)
    const start = JSON.stringify({ domain: 'bench', source: 'user' })
    let view = await post(socket, load, load.path, start, null)
    const body = JSON.stringify({ input: { host: 'hub.example', token: '' } })
    while (left-- > 0) view = await post(socket, load, `${load.path}/${view.flowId}`, body, view.revision)
    socket.destroy()
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return load.steps
}

function post(
  socket: Socket,
  { port, token }: Load,
  path: string,
  body: string,
  revision: number | null,
): Promise<{ flowId: string; revision: number }> {
  const headers = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    ...(revision === null ? [] : [`if-match: "${revision}"`]),
  ]
  return new Promise((resolve, reject) => {
    let text = ''
    const read = (part: string) => {
      text += part
      const end = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1])
      if (end < 0 || text.length < end + 4 + length) return
      socket.off('data', read).off('error', reject)
      if (text.startsWith('HTTP/1.1 2')) resolve(JSON.parse(text.slice(end + 4)))
      else reject(new Error(text))
    }
    socket.on('data', read).on('error', reject)
    socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`)
  })
}
