import { runHub } from '../run-hub.ts'
import { startHub } from './hub.ts'

const usage = `The home hub: a page that links an MQTT account and a device with an API token, and mends both when they change.

  npm start                      serves the page on this machine, and opens it
  npm start -- --port N          on another port than 8124; 0 picks a free one
  npm start -- --no-open         opens no browser
  npm start -- --db PATH         with another database than ./home-hub.db
  npm run start:terminal         the same in the terminal
`

process.exitCode = await runHub({ usage, port: 8124, database: 'home-hub.db', start: startHub })
