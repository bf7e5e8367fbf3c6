import type { Change, ClientState } from './client-state.ts'

/** A message from the tab that reads the stream, or to it. */
export type TabMessage =
  | { readonly type: 'join' }
  | { readonly type: 'state'; readonly state: ClientState; readonly lastEventId: string }
  | { readonly type: 'changes'; readonly changes: readonly Change[]; readonly lastEventId: string }
  | {
      readonly type: 'connection'
      readonly connection: ClientState['connection']
      /** Absent in messages of older versions. */
      readonly retryAt?: ClientState['retryAt']
    }
  /** Asks the tab that reads the stream to reconnect now. */
  | { readonly type: 'retry' }

/** The events of the stream of one tab, for the other tabs. */
export interface TabStream {
  /** Reads the stream for all tabs until it is stopped. */
  lead(): Promise<void>
  /** Receives a message. `leads`: whether this tab reads the stream. */
  receive(message: TabMessage, leads: boolean): void
}

/**
 * Lets one of the tabs with the same name read the stream for all, because a browser opens only six connections to an
 * HTTP/1.1 server. If that tab closes, another one continues.
 *
 * @returns a function that sends a message to the other tabs
 */
export function shareTabs(
  name: string,
  stopped: AbortSignal,
  stream: TabStream,
): (message: TabMessage) => void {
  const channel = new BroadcastChannel(name)
  let leads = false
  const send = (message: TabMessage) => {
    if (!stopped.aborted) channel.postMessage(message)
  }
  channel.onmessage = ({ data }) => stream.receive(data as TabMessage, leads)
  stopped.addEventListener('abort', () => channel.close(), { once: true })
  send({ type: 'join' })
  const lead = async () => {
    leads = true
    await stream.lead()
  }
  // Rejected if it is stopped before it leads, or if the browser refuses locks, as in a sandboxed frame.
  navigator.locks.request(name, { signal: stopped }, lead).catch(async () => {
    if (!stopped.aborted) await lead()
  })
  return send
}

/** Returns the name of the stream that tabs share; null where tabs cannot share one. */
export async function nameOfTabs(identity: readonly string[]): Promise<string | null> {
  const isTab = 'document' in globalThis && typeof BroadcastChannel !== 'undefined'
  // Both are absent from pages that were not loaded over HTTPS or from this machine.
  if (!isTab || navigator.locks === undefined || crypto.subtle === undefined) return null
  const bytes = new TextEncoder().encode(JSON.stringify(identity))
  return `latchkey ${new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))}`
}
