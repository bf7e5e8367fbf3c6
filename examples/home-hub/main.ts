import { runHub } from '../run-hub.ts'
import { startHub } from './hub.ts'

const usage = `The home hub: a page that links an MQTT account and a device with an API token, and repairs them when they change.

  npm start                      serve the page on this machine and open it
  npm start -- --port N          use another port than 8124, or a free one with 0
  npm start -- --no-open         do not open a browser
  npm start -- --db PATH         use another database than ./home-hub.db
  npm run start:terminal         run in the terminal instead
`

process.exitCode = await runHub({ usage, port: 8124, database: 'home-hub.db', start: startHub })
