import type { ScopedLatchkey } from '../engine/api/latchkey.ts'
import { InspectServer } from './inspect-server.ts'
import { Inspector } from './inspector.ts'
import { statelyWire } from './stately-wire.ts'
import { xstate4Wire } from './xstate4-wire.ts'

export interface InspectOptions {
  /** The port on 127.0.0.1; one that is free where absent. */
  readonly port?: number
  /** The pages that may connect, as `https://stately.ai`; none where absent. Viewers that are no pages send no origin. */
  readonly origins?: readonly string[]
  /** A viewer that lags behind by more bytes than this is dropped (default 4 MiB). */
  readonly bufferLimit?: number
}

/** An inspection that is under way. */
export interface Inspection {
  /** For viewers of Stately's inspector, `@statelyai/inspect`. */
  readonly statelyUrl: string
  /** For viewers of XState 4, `@xstate/inspect`. */
  readonly xstate4Url: string
  /** What a viewer has to offer as subprotocols. The second holds the token, which is new at each start: keep it. */
  readonly protocols: readonly string[]
  close(): Promise<void>
}

/**
 * Shows the flows and entries of one scope to viewers on this machine: their states, events by type, ids and codes.
 * What was typed, and every secret, stays where it is; what viewers send is ignored. Nothing runs before this is called.
 *
 * A viewer connects with `new WebSocket(url, protocols)`. The receivers of `@statelyai/inspect` and `@xstate/inspect`
 * open their socket by address alone, so that they are given one that knows the protocols, before they are imported:
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
 * That is a browser, or a bundle made for one; on Node `@statelyai/inspect` takes its socket from `isomorphic-ws`. The
 * receiver of `@xstate/inspect` wants the address without its `ws://`. Stately's own page at stately.ai/inspect
 * hears messages by `postMessage`: a page that frames it passes each on, and is named in `origins`.
 *
 * @throws StoppedError; what the operating system says where the port is taken
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
    ...{ statelyUrl: `${address}/stately`, xstate4Url: `${address}/xstate4` },
    ...{ protocols: server.protocols, close },
  }
}
