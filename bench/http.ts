import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Contender, type Measured, sideBySide } from './measure.ts'
import type { Bench } from './result.ts'

const ROUNDS = 8
const STEPS = 10_000
const NAME = 'http/form-step'
const BARE = `${NAME}:bare-hono`
const CPU = `${NAME}-cpu`
const BARE_CPU = `${CPU}:bare-hono`

/**
 * Measures a step over HTTP, and a Hono route that parses, validates and returns the same JSON. The target is for the
 * processor time of the server, because the rate also includes the load generator on the same machine.
 */
export const httpBench: Bench = {
  names: [NAME, BARE, CPU, BARE_CPU],
  async run() {
    const load = child('http-load.ts')
    const contenders = [contender(NAME, 'latchkey', load), contender(BARE, 'bare', load)]
    const measured = await sideBySide(contenders, ROUNDS)
    for (const { end } of contenders) end()
    load.kill()
    const of = (name: string): Measured => measured.get(name) ?? { time: Number.NaN, cpu: Number.NaN }
    const [own, bare] = [of(NAME), of(BARE)]
    const rate = { unit: 'steps/s' }
    return [
      { name: NAME, value: 1e6 / own.time, ...rate, versus: 'bare-hono', ratio: bare.time / own.time },
      { name: BARE, value: 1e6 / bare.time, ...rate },
      { name: CPU, value: own.cpu, unit: 'µs', versus: 'bare-hono', ratio: own.cpu / bare.cpu },
      { name: BARE_CPU, value: bare.cpu, unit: 'µs' },
    ]
  },
}

/** Each contender has a separate process and pauses while another one runs. */
function contender(name: string, way: string, load: ChildProcess): Contender & { end(): void } {
  const server = child('http-server.ts', way)
  const listening = message<{ port: number; token: string }>(server)
  return {
    name,
    async prepare() {
      const where = await listening
      const run = async (steps = STEPS) => {
        load.send({ ...where, path: '/flows', steps })
        return message<number>(load)
      }
      await run(STEPS / 2)
      return {
        run,
        cpu() {
          server.send('cpu')
          return message<number>(server)
        },
      }
    },
    end: () => server.disconnect(),
  }
}

const child = (file: string, ...args: string[]): ChildProcess => fork(join(import.meta.dirname, file), args)

async function message<Message>(from: ChildProcess): Promise<Message> {
  const [message] = await once(from, 'message')
  return message
}
