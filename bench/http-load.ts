// A process that loads a server: so many steps, in lanes that each submit to a flow of their own, one after another.
import { Agent, request } from 'node:http'

const LANES = 32
const agent = new Agent({ keepAlive: true, maxSockets: LANES })

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
    const start = JSON.stringify({ domain: 'bench', source: 'user' })
    let view = await post(load, load.path, start, null)
    while (left-- > 0) {
      const body = JSON.stringify({ input: { host: 'hub.example', token: '' } })
      view = await post(load, `${load.path}/${view.flowId}`, body, view.revision)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return load.steps
}

function post(
  { port, token }: Load,
  path: string,
  body: string,
  revision: number | null,
): Promise<{ flowId: string; revision: number }> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(revision !== null && { 'if-match': `"${revision}"` }),
  }
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method: 'POST', headers, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text))
        else reject(new Error(`${response.statusCode}: ${text}`))
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
