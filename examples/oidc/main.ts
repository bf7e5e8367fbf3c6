import { runHub } from '../run-hub.ts'
import { startOidcHub } from './hub.ts'

const usage = `A page that links accounts of an OpenID provider. The provider runs in the same process; nothing is saved.

  npm run start:oidc                   serve the page on this machine and open it
  npm run start:oidc -- --port N       use another port than 8125, or a free one with 0
  npm run start:oidc -- --no-open      do not open a browser
`

process.exitCode = await runHub({ usage, port: 8125, start: startOidcHub })
