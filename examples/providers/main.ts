import { runHub } from '../run-hub.ts'
import { startProvidersHub } from './hub.ts'

const usage = `A page that links accounts of known services. Fakes of the services run in the same process; nothing is saved.

  npm run start:providers                serve the page on a free port of this machine and open it
  npm run start:providers -- --port N    use another port
  npm run start:providers -- --no-open   do not open a browser
`

process.exitCode = await runHub({ usage, port: 0, start: startProvidersHub })
