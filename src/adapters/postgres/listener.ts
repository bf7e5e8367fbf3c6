import { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'

/** Interval at which the connection is tested, in milliseconds. */
const TEST_INTERVAL = 10_000
/** The longest pause before the next attempt, in milliseconds. */
const MAX_PAUSE = 5_000

export interface ListenerOptions {
  readonly url: string
  readonly channel: string
  readonly timeout: number
  /** Called with each payload; with null after each connect, because notifications may have been lost. */
  readonly received: (payload: string | null) => void
}

/**
 * Listens to a channel on one connection until the signal aborts. Connects again if the connection is lost or does not
 * answer.
 */
export async function listenTo(options: ListenerOptions, signal: AbortSignal): Promise<void> {
  for (let pause = 100; !signal.aborted; pause = Math.min(2 * pause, MAX_PAUSE)) {
    const hasListened = await listenOnce(options, signal)
    if (hasListened) pause = 100
    await setTimeout(pause, undefined, { signal, ref: false }).catch(() => {})
  }
}

/** Listens until the connection or the signal ends. Returns whether it was connected. Never rejects. */
async function listenOnce(
  { url, channel, timeout, received }: ListenerOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const socket = new Socket()
  const client = new pg.Client({
    connectionString: url,
    stream: () => socket,
    connectionTimeoutMillis: timeout,
    query_timeout: timeout,
    keepAlive: true,
  })
  const ended = new Promise<void>((resolve) => {
    client.once('end', resolve)
    client.on('error', () => resolve())
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  client.on('notification', ({ payload }) => {
    if (!signal.aborted) received(payload ?? '')
  })
  let isConnected = false
  try {
    await client.connect()
    await client.query(`listen ${channel}`)
    isConnected = true
    received(null)
    while (!signal.aborted) {
      const isOver = await Promise.race([
        ended.then(() => true),
        setTimeout(TEST_INTERVAL, false, { signal, ref: false }),
      ])
      if (isOver) break
      await client.query('select 1')
    }
  } catch {
    // The connection is lost, or the signal aborted.
  }
  // Not awaited: the server may not answer.
  client.end().catch(() => {})
  socket.destroySoon()
  return isConnected
}
