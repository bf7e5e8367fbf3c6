import { createServer } from 'node:http'

const accounts = new Map([
  ['token-1', { id: 'hub-1', name: 'Living room' }],
  ['token-2', { id: 'hub-1', name: 'Living room' }],
  ['token-3', { id: 'hub-2', name: 'Neighbors' }],
])

const port = Number(process.env.PORT ?? 8080)
createServer(({ method, url, headers }, response) => {
  if (method === 'POST' && url === '/revoke') {
    accounts.delete('token-1')
    response.end('token-1 is revoked.\n')
    return
  }
  const account = accounts.get(headers.authorization?.replace('Bearer ', '') ?? '')
  if (account === undefined) response.writeHead(401).end()
  else response.end(JSON.stringify(url === '/api/me' ? account : { lamps: 3 }))
}).listen(port, '127.0.0.1', () => console.log(`The hub listens on 127.0.0.1:${port}.`))
