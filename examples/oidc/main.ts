import { runHub } from '../run-hub.ts'
import { startOidcHub } from './hub.ts'

const usage = `A page that links accounts of an OpenID provider, which runs beside it. Nothing is kept when they end.

  npm run start:oidc                   serves the page on this machine, and opens it
  npm run start:oidc -- --port N       on another port than 8125; 0 picks a free one
  npm run start:oidc -- --no-open      opens no browser
`

process.exitCode = await runHub({ usage, port: 8125, start: startOidcHub })
