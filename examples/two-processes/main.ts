import { createInterface } from 'node:readline'
import { runHub } from '../run-hub.ts'
import { type Cluster, startCluster } from './cluster.ts'

const usage = `Two processes on one PostgreSQL, with the page at one address. Kill one of them: nothing is lost. Nothing is saved.

  npm run start:cluster                   serve the page on this machine and open it
  npm run start:cluster -- --port N       use another port than 8126, or a free one with 0
  npm run start:cluster -- --no-open      do not open a browser
`

const guide = ({ device }: Cluster) => `
Two hosts answer the page in turn. Both use the same PostgreSQL.

  1. Link a "My Hub": host ${device.host}, API token ${device.token}
  2. Type "revoke" and Enter here. The device gets a new token, and the page shows that you must sign in again.
  3. Select "Reconnect" in the page and enter the new token. The device takes 4 s to check it, and a line here
     names the host that works.
  4. In these 4 s, type "1" or "2" and Enter to kill that host. The page shows that it did not work.
  5. Select "Reconnect" again: the other host finishes the flow. Until the right of the killed host has lapsed,
     which takes up to 15 s, the page waits, and then shows the form again. Type the number to start that host.
`

process.exitCode = await runHub({
  usage,
  port: 8126,
  async start({ port }) {
    const cluster = await startCluster({ port, print: (line) => console.log(line) })
    console.log(guide(cluster))
    const input = createInterface({ input: process.stdin })
    input.on('line', (line) => {
      if (line === 'revoke') {
        cluster.revokeToken()
        console.log(`The device has a new API token: ${cluster.device.token}`)
      } else if (line === '1' || line === '2') {
        void cluster.toggle(Number(line) - 1)
      } else {
        console.log('Type "revoke", "1" or "2".')
      }
    })
    return {
      url: cluster.url,
      async stop() {
        input.close()
        await cluster.stop()
      },
    }
  },
})
