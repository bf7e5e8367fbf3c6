import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey, defineIntegration, secret, type View } from '../../src/index.ts'
import { canaries, leaksIn, wordsIn } from './canaries.ts'
import { plain } from './canary-service.ts'
import { quotes } from './quotes.ts'
import { textsOf } from './sinks.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-canary-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The output of the host during an exchange in which each step quotes password and token in all forms. */
const seen: unknown[] = []
const files: Buffer[] = []

beforeAll(async () => {
  let complain: ((where: string) => void) | null = null
  const integration = defineIntegration({
    domain: plain.domain,
    title: plain.title,
    fields: z.object({ host: z.string(), password: secret() }),
    stored: z.object({
      host: z.string(),
      token: secret(z.string().refine(() => complain?.('stored') === undefined)),
    }),
    exchange: async ({ host }) => {
      complain?.('exchange')
      return { host, token: canaries.apikey, session: canaries.state }
    },
    connect: async () => {
      complain?.('connect')
      return { client: null, uniqueId: plain.account }
    },
  })
  const write = (fields: unknown, message: string) => seen.push({ message, fields })
  const log = { info: write, warn: write, error: write }
  const store = sqliteStore(join(folder, 'canary.db'))
  const latchkey = await createLatchkey({
    integrations: [integration],
    store,
    log,
    limits: { unreachablePerDomain: 999 },
  })
  let view: View = await latchkey.flows.start({ domain: plain.domain, source: 'user' })
  const submit = async () => {
    view = await latchkey.flows.submit(view.flowId, { host: plain.host, password: canaries.password }, view)
    seen.push(view)
  }
  for (const quote of Object.values(quotes)) {
    for (const place of ['exchange', 'stored', 'connect']) {
      complain = (where) => {
        if (where !== place) return
        throw new Error(
          `${plain.error} ${quote(canaries.password)} ${where === 'exchange' ? '' : quote(canaries.apikey)}`,
        )
      }
      await submit()
    }
  }
  complain = null
  await submit()
  seen.push(await latchkey.entries.list(), await latchkey.history(view.entryId ?? ''))
  await latchkey.stop()
  for (const name of readdirSync(folder)) files.push(readFileSync(join(folder, name)))
})

describe('a password that becomes a token', () => {
  it.each([
    ['views, lists, histories and log lines', () => seen, plain.error],
    ['the database files', () => files, plain.host],
  ])('shows no byte of either in %s', (_, sink, shows) => {
    const texts = [...new Set(sink().flatMap((value) => textsOf(value)))]
    expect(texts.some((text) => wordsIn(text, [shows]).length > 0)).toBe(true)
    expect(texts.flatMap(leaksIn)).toEqual([])
  })

  it('became one: it was quoted where it could be, and saved at the end', () => {
    const messages = seen.flatMap((one) => (one as { message?: string }).message ?? [])
    const failed = messages.filter((message) => message === 'A call of the integration failed.')
    expect(failed).toHaveLength(Object.keys(quotes).length * 3)
    expect(JSON.stringify(seen)).toContain('"create_entry"')
  })
})
