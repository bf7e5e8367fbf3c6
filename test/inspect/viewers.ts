import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { StatelyInspectionEvent } from '@statelyai/inspect'
import { WebSocket } from 'ws'
import type { Inspection } from '../../src/inspect/index.ts'

/** What a viewer was sent, as it came. */
export interface Watching {
  readonly socket: WebSocket
  readonly messages: string[]
}

/** A viewer that keeps the bytes. Rejects with the status where it is refused. */
export function watch(url: string, protocols: readonly string[], headers = {}): Promise<Watching> {
  const socket = new WebSocket(url, [...protocols], { headers })
  const messages: string[] = []
  socket.on('message', (data) => messages.push(String(data)))
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ socket, messages }))
    socket.on('unexpected-response', (_, { statusCode }) => {
      reject(new Error(`${statusCode}`))
      socket.terminate()
    })
    socket.on('error', reject)
  })
}

/** Resolves when all that was sent to a viewer until now has come. */
export async function read(socket: WebSocket): Promise<void> {
  const answered = once(socket, 'pong')
  socket.ping()
  await answered
}

/** A message as the receiver of `@xstate/inspect` has read it; see tools/inspect-v4. */
interface Read {
  readonly type: string
  readonly sessionId: string
  readonly id?: string
  readonly machine?: string
  readonly states?: readonly string[]
  readonly parent?: string
  readonly event?: string
  readonly value?: unknown
  readonly context?: unknown
  readonly tags?: readonly string[]
  readonly isState?: boolean
  readonly resolved?: unknown
  readonly next?: readonly string[]
}

/** The real receiver of `@xstate/inspect`, on XState 4, in a process of its own. */
export function xstate4Receiver({ xstate4Url, protocols }: Inspection) {
  const script = join(import.meta.dirname, '../../tools/inspect-v4/receiver.mjs')
  const env = { INSPECT_SERVER: xstate4Url.replace('ws://', ''), INSPECT_PROTOCOLS: protocols.join(' ') }
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const messages: Read[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => messages.push(JSON.parse(line) as Read))
  const ended = once(child, 'exit')
  /** Resolves when something has come. */
  const begun = async () => {
    await Promise.race([once(lines, 'line'), ended])
    if (messages.length === 0) throw new Error('The receiver was not let in.')
  }
  const stop = async () => {
    child.kill()
    await ended
  }
  return { messages, begun, stop }
}

/** Stately's messages, each as a line; the rest of them is compared where it matters. */
export const told = (message: StatelyInspectionEvent): string => {
  const { type, sessionId } = message
  if (type === '@xstate.event') return `${sessionId} < ${message.event.type}`
  const { value, status } = message.snapshot as { value?: unknown; status: string }
  const stands = value === undefined ? status : `${JSON.stringify(value)} ${status}`
  return `${type === '@xstate.actor' ? 'new ' : ''}${sessionId} ${stands}`
}
