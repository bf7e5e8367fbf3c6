import { once } from 'node:events'
import { pageFiles } from '../adapters/node/page-files.ts'
import { ConfigurationError } from '../errors.ts'
import type { PageFiles } from '../http/access.ts'
import { type CommonOptions, isInteractive, type Terminal, tell } from './command.ts'
import type { ServeOptions as HttpOptions } from './config.ts'
import { ConfigInvalidError } from './errors.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { Listening } from './listen.ts'
import { loadConfig } from './load-config.ts'
import { openBrowser } from './open-browser.ts'
import { openHost } from './open-host.ts'
import { peer } from './peer.ts'

export interface ServeOptions extends CommonOptions {
  readonly port?: number
  readonly open: boolean
}

const DEFAULT_PORT = 8124

/** `latchkey serve`: the page and the API on this machine, until it is called off. Prints the address by itself. */
export async function serve(terminal: Terminal, options: ServeOptions): Promise<ExitCode> {
  const { path, config } = await loadConfig(terminal.directory, options.config)
  const { port = DEFAULT_PORT, ...http } = config.http ?? {}
  if (http.authorize === undefined && (config.scope ?? 'default') !== 'default') {
    throw new ConfigInvalidError(
      path,
      'To serve another scope than default, say in http.authorize who may see it.',
    )
  }
  const { listen } = await peer(() => import('./listen.ts'))
  const { latchkey } = await openHost(config)
  try {
    const page = pageOrNone(terminal)
    const handling = { ...http, ...(page && { page }), ...(config.log && { log: config.log }) }
    const listening = await listen(latchkey, handling, { port: options.port ?? port })
    try {
      const url = addressOf(listening, http)
      tell(terminal, options, { document: { url }, text: url })
      const forget = options.open && isInteractive(terminal, options) ? await openBrowser(url) : null
      // A failure ends the serving; a start that is called off is ended by the stop below.
      const started = latchkey.start().then(() => calledOff(terminal.signal))
      await Promise.race([started, calledOff(terminal.signal)])
      await forget?.()
    } finally {
      await listening.close()
    }
  } finally {
    await latchkey.stop()
  }
  return EXIT.done
}

/** Where a browser finds it. The token is in the fragment, which is sent to nobody. */
function addressOf({ port, startToken }: Listening, { basePath = '', publicUrl }: HttpOptions): string {
  const origin = publicUrl === undefined ? `http://127.0.0.1:${port}` : new URL(publicUrl).origin
  return `${origin}${basePath}/${startToken === null ? '' : `#${startToken}`}`
}

function pageOrNone({ errors }: Terminal): PageFiles | undefined {
  try {
    return pageFiles()
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    errors.write(`The API is served without the page. ${error.message}\n`)
    return undefined
  }
}

async function calledOff(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
