import { Hono } from 'hono'
import * as z from 'zod'
import { createLatchkey, type FormView, memoryStore, plainCipher } from '../src/index.ts'
import type { Served } from './http-latchkey.ts'
import { integration } from './service.ts'

/** Hono routes that parse, validate and respond like Latchkey, but have no state. */
export async function httpBare(): Promise<Served> {
  const engine = await createLatchkey({
    integrations: [integration],
    store: memoryStore(),
    cipher: plainCipher(),
  })
  const form = (await engine.flows.start({ domain: 'bench', source: 'user' })) as FormView
  await engine.stop()
  const answer = {
    ...form,
    errors: { '/token': { code: 'too_small', text: 'Use at least 1 character.' } },
  }
  const Body = z.strictObject({ input: z.object({ host: z.string().min(1), token: z.string() }) })
  const app = new Hono()
  app.post('/flows', (context) => context.json(form, 201))
  app.post('/flows/:flowId', async (context) => {
    const read = Body.safeParse(await context.req.json())
    if (!read.success) return context.json({ title: 'Unprocessable Content' }, 422)
    return context.json(answer)
  })
  return { handler: (request) => app.fetch(request), token: '' }
}
