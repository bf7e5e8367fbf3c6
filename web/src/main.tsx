import { createClient } from '../../src/client/index.ts'
import { App } from './app.tsx'
import { takeCallback } from './callback.ts'
import { ClientProvider } from './client-provider.tsx'
import { firstLanguage } from './language.tsx'
import { leaveFlows, ownFlows } from './own-flows.ts'
import { show } from './shell.tsx'
import { serverUrl, takeToken, token } from './token.ts'

takeToken()
leaveFlows()
const callback = takeCallback()
// The server shows this page for unknown paths.
const home = `${serverUrl()}/`
if (location.origin + location.pathname !== home)
  history.replaceState(null, '', home + location.search + location.hash)
// The page is opened with another token in this window: only the fragment changed.
addEventListener('hashchange', () => takeToken() && location.reload())

const client = createClient({ url: serverUrl(), token, language: firstLanguage(), ownFlows })
void show(
  <ClientProvider client={client}>
    <App callback={callback} />
  </ClientProvider>,
)
