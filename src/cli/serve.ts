import { once } from 'node:events'
import { resolve } from 'node:path'
import { pageFiles } from '../adapters/node/page-files.ts'
import { ConfigurationError } from '../errors.ts'
import type { PageFiles } from '../http/access.ts'
import { type CommonOptions, isInteractive, printOutcome, type Terminal } from './command.ts'
import type { ServeOptions as HttpOptions, LatchkeyConfig } from './config.ts'
import { ConfigInvalidError, UsageError } from './errors.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { RunningServer } from './listen.ts'
import { loadConfig } from './load-config.ts'
import { openBrowser } from './open-browser.ts'
import { openHost } from './open-host.ts'
import { peer } from './peer.ts'
import { readToken } from './token-file.ts'

export interface ServeOptions extends CommonOptions {
  readonly port?: number
  readonly open: boolean
  /** The path of the token file. `true` selects the default one. */
  readonly tokenFile?: string | true
}

const DEFAULT_PORT = 8124

/** `latchkey serve`: serves the page and the API until it is interrupted. Prints only the URL. */
export async function serve(terminal: Terminal, options: ServeOptions): Promise<ExitCode> {
  const { path, config } = await loadConfig(terminal.directory, options.config)
  const { port = DEFAULT_PORT, stopDelay = 0, ...http } = config.http ?? {}
  if (http.authorize === undefined && (config.scope ?? 'default') !== 'default') {
    throw new ConfigInvalidError(
      path,
      'Missing http.authorize. Scopes other than "default" need it to decide who has access.',
    )
  }
  const startToken = await keptToken(terminal, options, config)
  const { listen } = await peer(() => import('./listen.ts'))
  const { latchkey } = await openHost(config)
  let ending = Promise.resolve()
  try {
    const page = pageOrNone(terminal)
    const handlerOptions = {
      ...http,
      ...(page && { page }),
      ...(config.log && { log: config.log }),
      ...(startToken !== undefined && { startToken }),
    }
    const server = await listen(latchkey, handlerOptions, { port: options.port ?? port })
    try {
      const url = urlOf(server, http)
      printOutcome(terminal, options, { document: { url }, text: url })
      const removeFile = options.open && isInteractive(terminal, options) ? await openBrowser(url) : null
      // A failed start ends the command. An interrupted start is ended by the stop below.
      const started = latchkey.start().then(() => interrupted(terminal.signal))
      await Promise.race([started, interrupted(terminal.signal)])
      await removeFile?.()
      ending = latchkey.stop({ delay: stopDelay })
      await interrupted(latchkey.stopping)
    } finally {
      await server.close()
    }
  } finally {
    await Promise.all([ending, latchkey.stop()])
  }
  return EXIT.done
}

/** Returns the token of the token file; undefined without `--token-file`. @throws UsageError, TokenFileError */
async function keptToken(
  { directory }: Terminal,
  { tokenFile }: ServeOptions,
  { http, store }: LatchkeyConfig,
): Promise<string | undefined> {
  if (tokenFile === undefined) return undefined
  if (http?.authorize !== undefined) {
    throw new UsageError(
      'A token file has no effect with http.authorize, which decides who has access. Remove --token-file.',
    )
  }
  if (tokenFile !== true) return readToken(resolve(directory, tokenFile))
  if (store.file !== undefined) return readToken(`${store.file}.token`)
  throw new UsageError('The store is not a file. Pass a path, for example --token-file ./latchkey.token.')
}

/** Returns the URL for the browser. The token is in the fragment, which browsers do not send. */
function urlOf({ port, startToken }: RunningServer, { basePath = '', publicUrl }: HttpOptions): string {
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

async function interrupted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
