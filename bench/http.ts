import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import * as z from 'zod'
import { latchkeyHandler } from '../src/http/index.ts'
import { createLatchkey, type FormView, memoryStore, plainCipher } from '../src/index.ts'
import { type Contender, sideBySide } from './measure.ts'
import type { Bench } from './result.ts'
import { integration } from './service.ts'

const ROUNDS = 4
const STEPS = 10_000
const NAME = 'http/form-step'
const BARE = `${NAME}:bare-hono`
const LIMITS = { openFlows: 1_000_000 }

/** A step over HTTP, beside a bare Hono route that parses, validates and answers the same JSON. */
export const httpBench: Bench = {
  names: [NAME, BARE],
  async run() {
    const load = fork(join(import.meta.dirname, 'http-load.ts'))
    const times = await sideBySide([contender(NAME, latchkey, load), contender(BARE, bare, load)], ROUNDS)
    load.kill()
    const rate = (name: string) => 1_000_000 / (times.get(name) ?? Number.NaN)
    const [value, base] = [rate(NAME), rate(BARE)]
    return [
      { name: NAME, value, unit: 'steps/s', versus: 'bare-hono', ratio: value / base },
      { name: BARE, value: base, unit: 'steps/s' },
    ]
  },
}

interface Way {
  readonly handler: (request: Request) => Response | Promise<Response>
  readonly token: string
  close(): Promise<void>
}

function contender(name: string, open: () => Promise<Way>, load: ChildProcess): Contender {
  return {
    name,
    async prepare() {
      const { handler, token, close } = await open()
      const server = createServer(getRequestListener(handler))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const run = async (steps = STEPS) => {
        load.send({ port, path: '/flows', token, steps })
        const [done] = await once(load, 'message')
        return done as number
      }
      await run(STEPS / 2)
      return { run, stop: () => stopped(server).then(close) }
    },
  }
}

async function stopped(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

async function makeLatchkey() {
  return createLatchkey({
    integrations: [integration],
    store: memoryStore(),
    cipher: plainCipher(),
    limits: LIMITS,
  })
}

async function latchkey(): Promise<Way> {
  const engine = await makeLatchkey()
  const handler = latchkeyHandler(engine)
  return { handler, token: handler.startToken ?? '', close: () => engine.stop() }
}

/** Parses, validates and answers, and knows nothing. */
async function bare(): Promise<Way> {
  const engine = await makeLatchkey()
  const form = (await engine.flows.start({ domain: 'bench', source: 'user' })) as FormView
  const answer = {
    ...form,
    errors: { '/token': { code: 'too_small', text: 'This is too short or too small.' } },
  }
  const Body = z.strictObject({ input: z.object({ host: z.string().min(1), token: z.string() }) })
  const app = new Hono()
  app.post('/flows', (context) => context.json(form, 201))
  app.post('/flows/:flowId', async (context) => {
    const read = Body.safeParse(await context.req.json())
    if (!read.success) return context.json({ title: 'Unprocessable Content' }, 422)
    return context.json(answer)
  })
  return { handler: (request) => app.fetch(request), token: '', close: () => engine.stop() }
}
