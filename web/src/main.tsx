import { createClient } from '../../src/client/index.ts'
import { LatchkeyProvider } from '../../src/react/index.ts'
import { App } from './app.tsx'
import { show } from './shell.tsx'
import { serverUrl, takeToken, token } from './token.ts'

takeToken()
// Another address of the same page is opened in this window: only its fragment changed.
addEventListener('hashchange', () => takeToken() && location.reload())

const client = createClient({ url: serverUrl(), token })
show(
  <LatchkeyProvider client={client}>
    <App />
  </LatchkeyProvider>,
)
