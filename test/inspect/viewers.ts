import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { StatelyInspectionEvent } from '@statelyai/inspect'
import { WebSocket } from 'ws'
import type { Inspection } from '../../src/inspect/index.ts'

/** The messages that a viewer received. */
export interface Watching {
  readonly socket: WebSocket
  readonly messages: string[]
}

/** Connects a viewer that stores the messages. Rejects with the HTTP status. */
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

/** Resolves after a viewer has received all previous messages. */
export async function read(socket: WebSocket): Promise<void> {
  const answered = once(socket, 'pong')
  socket.ping()
  await answered
}

/** A message as the receiver of `@xstate/inspect` parsed it. See tools/inspect-v4. */
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

/** The real receiver of `@xstate/inspect` with XState 4, in a separate process. */
export function xstate4Receiver({ xstate4Url, protocols }: Inspection) {
  const script = join(import.meta.dirname, '../../tools/inspect-v4/receiver.mjs')
  const env = { INSPECT_SERVER: xstate4Url.replace('ws://', ''), INSPECT_PROTOCOLS: protocols.join(' ') }
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const messages: Read[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => messages.push(JSON.parse(line) as Read))
  const ended = once(child, 'exit')
  /** Resolves after the next message. */
  const begun = async () => {
    await Promise.race([once(lines, 'line'), ended])
    if (messages.length === 0) throw new Error('The receiver was rejected.')
  }
  const stop = async () => {
    child.kill()
    await ended
  }
  return { messages, begun, stop }
}

/** Stately’s messages as lines. Tests compare the other members. */
export const lineOf = (message: StatelyInspectionEvent): string => {
  const { type, sessionId } = message
  if (type === '@xstate.event') return `${sessionId} < ${message.event.type}`
  const { value, status } = message.snapshot as { value?: unknown; status: string }
  const stands = value === undefined ? status : `${JSON.stringify(value)} ${status}`
  return `${type === '@xstate.actor' ? 'new ' : ''}${sessionId} ${stands}`
}
