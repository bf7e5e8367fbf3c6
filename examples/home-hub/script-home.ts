import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey, type JsonObject, type Log, type View } from '../../src/index.ts'
import { mqtt } from './mqtt-integration.ts'

/** The calls that the story makes. */
type HomeCalls = Awaited<ReturnType<typeof openCalls>>

/** A home, in this process or in a separate one. */
export interface Home {
  readonly calls: HomeCalls
  /** Returns the states of entries since the last call. */
  states(): string[]
}

export interface ForkedHome extends Home {
  /** Kills the process with SIGKILL. @returns the signal that ended it */
  kill(): Promise<string>
  /** Disconnects from the process, which then ends if it has no pending work. @returns its exit code */
  exit(): Promise<string>
}

/** The messages to and from the child process. */
export type Question = { readonly id: number; readonly name: keyof HomeCalls; readonly args: unknown[] }
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly state: string }

const log: Log = {
  info: () => {},
  warn: () => {},
  error: ({ error }, message) => console.error(message, error?.message ?? ''),
}

/** Opens the database of a home and returns its calls. */
export async function openCalls(database: string, onState: (state: string) => void) {
  const store = sqliteStore(database)
  const latchkey = await createLatchkey({ integrations: [mqtt], store, log })
  latchkey.on('entry_state_changed', ({ to }) => onState(to))
  return {
    start: () => latchkey.start(),
    add: () => latchkey.flows.start({ domain: 'mqtt', source: 'user' }),
    reauth: (entryId: string) => latchkey.flows.start({ source: 'reauth', entryId }),
    flow: (flowId: string) => latchkey.flows.get(flowId),
    submit: ({ flowId, revision }: View, input: JsonObject) =>
      latchkey.flows.submit(flowId, input, { revision }),
    entry: (entryId: string) => latchkey.entries.get(entryId),
    attention: () => latchkey.attention.list(),
    temperature: (entryId: string) =>
      latchkey.entries.use(mqtt, entryId, (account) => account.temperature(), { timeout: 5_000 }),
    /** Returns the stored row of the entry. */
    row: async (entryId: string) => JSON.stringify(await store.getEntry('default', entryId)),
    stop: () => latchkey.stop(),
  }
}

/** Opens a home in this process. */
export async function openHome(database: string): Promise<Home> {
  const states: string[] = []
  const calls = await openCalls(database, (state) => states.push(state))
  return { calls, states: () => states.splice(0) }
}

/** Opens a home in a separate process. See `script-child.ts`. */
export function forkHome(database: string): ForkedHome {
  const child = fork(fileURLToPath(new URL('script-child.ts', import.meta.url)), [database])
  const ended = once(child, 'exit')
  const states: string[] = []
  const ask = questions(child, (state) => states.push(state))
  return {
    calls: new Proxy({} as HomeCalls, {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          ask(name as keyof HomeCalls, args),
    }),
    states: () => states.splice(0),
    async kill() {
      child.kill('SIGKILL')
      await ended
      return String(child.signalCode)
    },
    async exit() {
      child.disconnect()
      await ended
      return String(child.exitCode)
    },
  }
}

function questions(child: ChildProcess, onState: (state: string) => void) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let lastId = 0
  child.on('message', (answer: Answer) => {
    if ('state' in answer) return onState(answer.state)
    const question = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) question?.reject(new Error(answer.error))
    else question?.resolve(answer.value)
  })
  child.on('exit', () => {
    for (const question of waiting.values()) question.reject(new Error('The process has ended.'))
  })
  return (name: keyof HomeCalls, args: unknown[]): Promise<unknown> => {
    const question = Promise.withResolvers<unknown>()
    waiting.set(++lastId, question)
    child.send({ id: lastId, name, args } satisfies Question, (error) => error && question.reject(error))
    return question.promise
  }
}
