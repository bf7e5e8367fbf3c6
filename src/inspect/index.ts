import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { InspectServer } from './inspect-server.ts'
import { Inspector } from './inspector.ts'
import { statelyWire } from './stately-wire.ts'
import { xstate4Wire } from './xstate4-wire.ts'

export interface InspectOptions {
  /** Port on 127.0.0.1. Defaults to a free port. */
  readonly port?: number
  /**
   * Origins of pages that may connect, for example `https://stately.ai`. Defaults to none. Viewers outside of a browser
   * send no origin.
   */
  readonly origins?: readonly string[]
  /** Maximum of unread bytes of a viewer. Past it the viewer is disconnected. Defaults to 4 MiB. */
  readonly bufferLimit?: number
}

/** A running inspection. */
export interface Inspection {
  /** URL for `@statelyai/inspect`. */
  readonly statelyUrl: string
  /** URL for `@xstate/inspect`. */
  readonly xstate4Url: string
  /** The WebSocket subprotocols that a viewer must offer. The second one is a secret token, new for each inspection. */
  readonly protocols: readonly string[]
  close(): Promise<void>
}

/**
 * Publishes the flows and entries of a scope to XState inspectors on this machine: states, event types, ids and codes.
 * User input and secrets are never sent, and messages from viewers are ignored.
 *
 * Viewers connect with `new WebSocket(url, protocols)`. The receivers of `@statelyai/inspect` and `@xstate/inspect`
 * pass only the URL, so replace `WebSocket` before you import them:
 *
 * ```ts
 * const Plain = globalThis.WebSocket
 * globalThis.WebSocket = class extends Plain {
 *   constructor(url: string) {
 *     super(url, protocols)
 *   }
 * }
 * const { createWebSocketReceiver } = await import('@statelyai/inspect')
 * createWebSocketReceiver({ server: inspection.statelyUrl }).subscribe(show)
 * ```
 *
 * This works in a browser. In Node, `@statelyai/inspect` uses `isomorphic-ws` instead. The receiver of
 * `@xstate/inspect` needs the URL without `ws://`. The page stately.ai/inspect receives messages by `postMessage`: a
 * page that embeds it must forward them, and be listed in `origins`.
 *
 * @throws StoppedError if Latchkey has been stopped
 * @throws Error with the code `EADDRINUSE` if the port is in use
 * @example
 * ```ts
 * import { createLatchkey, memoryStore } from 'latchkey'
 * import { inspectWith } from 'latchkey/inspect'
 *
 * const latchkey = await createLatchkey({ integrations: [], store: memoryStore() })
 * const inspection = await inspectWith(latchkey, { origins: ['http://localhost:5173'] })
 * console.log(inspection.statelyUrl, inspection.protocols)
 * ```
 */
export async function inspectWith(
  latchkey: ScopedLatchkey,
  { port = 0, origins = [], bufferLimit = 4_194_304 }: InspectOptions = {},
): Promise<Inspection> {
  const inspector = new Inspector((actor) => server.show(actor))
  const wires = new Map([
    ['/stately', statelyWire],
    ['/xstate4', xstate4Wire],
  ])
  const { actors } = inspector
  const server = await InspectServer.open({ port, origins, bufferLimit, wires, actors })
  const close = async () => {
    inspector.stop()
    await server.close()
  }
  try {
    await inspector.start(latchkey)
  } catch (error) {
    await close()
    throw error
  }
  const address = `ws://127.0.0.1:${server.port}`
  return {
    statelyUrl: `${address}/stately`,
    xstate4Url: `${address}/xstate4`,
    protocols: server.protocols,
    close,
  }
}
