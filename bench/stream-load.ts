// A process that opens a number of event streams, and reports when each has received the expected event.
import { get } from 'node:http'

interface Load {
  readonly port: number
  readonly token: string
  readonly streams: number
}

process.on('message', ({ port, token, streams }: Load) => {
  let ready = 0
  let received = 0
  for (let one = 0; one < streams; one++) {
    const headers = { authorization: `Bearer ${token}` }
    get({ host: '127.0.0.1', port, path: '/events', headers, agent: false }, (response) => {
      let isReady = false
      let isTold = false
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        if (!isReady && text.includes('event: snapshot')) {
          isReady = true
          if (++ready === streams) process.send?.('ready')
        }
        if (!isTold && text.includes('event: flow\n')) {
          isTold = true
          if (++received === streams) process.send?.('heard')
        }
      })
    })
  }
})
