import { type Answer, openCalls, type Question } from './script-home.ts'

// The child process of `forkHome`: a home in a separate process, which can be killed.

const send = (answer: Answer) => process.connected && process.send?.(answer)
const calls = openCalls(String(process.argv[2]), (state) => send({ state }))

process.on('message', async ({ id, name, args }: Question) => {
  try {
    const call = (await calls)[name] as (...args: unknown[]) => Promise<unknown>
    send({ id, value: await call(...args) })
  } catch (error) {
    send({
      id,
      error: error instanceof Error ? `${error.name}: ${error.message}` : 'An unexpected value was thrown.',
    })
  }
})
