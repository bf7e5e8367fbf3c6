import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import * as z from 'zod'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { plainCipher } from '../../../src/adapters/plain-cipher.ts'
import { type AnyIntegration, type Connected, defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { Connector } from '../../../src/engine/connections/connector.ts'
import { createLatchkey } from '../../../src/engine/create-latchkey.ts'
import { compileIntegrations } from '../../../src/engine/integrations/compile.ts'
import { Call } from '../../../src/engine/lib/call.ts'
import { noTelemetry } from '../../../src/engine/lib/contained-telemetry.ts'
import { AddressRefusedError } from '../../../src/errors.ts'
import type { JsonObject } from '../../../src/ports/json.ts'
import { type Answer, ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, type Host, MemoryLog, makeHost, openForm } from '../host.ts'

const values = { host: 'h', token: 'good' }

/** Submits a user flow while the service answers as scripted. */
async function submitted(host: Host, input: JsonObject = values) {
  const { flowId, revision } = await openForm(host.latchkey)
  return host.latchkey.flows.submit(flowId, input, { revision })
}

async function answered(...answers: Answer[]) {
  const host = await makeHost()
  host.service.script(...answers)
  const view = await submitted(host)
  return { ...host, code: view.type === 'form' ? view.errors.base?.code : view.type }
}

/** An integration whose connect returns or throws a given value. */
const returning = (connect: () => unknown) =>
  new ScriptedService({
    connect: async () => connect() as ReturnType<ScriptedService['integration']['connect']>,
  })

describe('a connect that fails', () => {
  it.each([
    ['cannot be reached', { throws: new AddressRefusedError() }, 'cannot_connect'],
    ['throws a text', { throws: 'good' }, 'unknown'],
    ['throws nothing', { throws: undefined }, 'unknown'],
    ['throws an object that is not an Error', { throws: { password: 'good' } }, 'unknown'],
    ['throws an Error', { throws: new Error('good') }, 'unknown'],
  ] as const)('shows a code where it %s, and logs no secret', async (_, answer, expected) => {
    const { code, log, latchkey } = await answered(answer)
    expect(code).toBe(expected)
    expect(JSON.stringify(log.lines)).not.toContain('good')
    expect((await latchkey.entries.list()).items).toEqual([])
  })

  it('is aborted at its deadline: the signal fires, and the form shows a timeout', async () => {
    const host = await makeHost({ service: new ScriptedService({ connectTimeout: 5_000 }) })
    const signals: AbortSignal[] = []
    const integration = defineIntegration({
      ...host.service.integration,
      connect: (_: unknown, { signal }) => {
        signals.push(signal)
        return new Promise<never>(() => {})
      },
    })
    const again = await host.again({ integrations: [integration] })
    const view = submitted(again)
    await atRest()
    await again.pass(4_999)
    expect(signals[0]?.aborted).toBe(false)
    await again.pass(1)
    expect(asForm(await view).errors).toEqual({
      base: {
        code: 'timeout',
        text: 'Scripted took too long to answer.',
        advice: 'Try again in a moment.',
        keepSecrets: true,
      },
    })
    expect(signals[0]?.aborted).toBe(true)
  })

  it('closes the connection that arrives after its time, once', async () => {
    const host = await makeHost()
    host.service.script({ held: { connect: 'ann' } }, { held: { challenge: 'otp' } })
    for (const _ of ['connection', 'challenge']) {
      const view = submitted(host)
      await atRest()
      await host.pass(30_000)
      expect(asForm(await view).errors.base?.code).toBe('timeout')
      host.service.release()
      await atRest()
    }
    expect(host.service).toMatchObject({ open: 0, disposed: 1 })
  })

  it('ignores an error after the deadline', async () => {
    const host = await makeHost()
    host.service.script({ held: { throws: new Error('late') } })
    const view = submitted(host)
    await atRest()
    await host.pass(30_000)
    expect(asForm(await view).errors.base?.code).toBe('timeout')
    host.service.release()
    await atRest()
    expect(host.log.lines).toEqual([])
  })

  it('logs the error of closing an unused connection', async () => {
    const service = returning(() => ({
      client: null,
      uniqueId: 'ann',
      dispose: () => {
        throw new Error('It does not close with good.')
      },
    }))
    const host = await makeHost({ service })
    expect(await submitted(host)).toMatchObject({ type: 'create_entry' })
    expect(await submitted(host)).toMatchObject({ reason: 'already_configured' })
    await atRest()
    expect(host.log.lines).toMatchObject([
      {
        level: 'warn',
        message: 'A connection could not be closed.',
        fields: { domain: 'scripted', error: { message: 'It does not close with [secret].' } },
      },
    ])
  })
})

describe('what connect returns', () => {
  it.each([
    ['nothing', () => undefined],
    ['null', () => null],
    ['a text', () => 'ann'],
    ['no unique id', () => ({ client: {} })],
    ['an empty unique id', () => ({ client: {}, uniqueId: '' })],
    ['a number as unique id', () => ({ client: {}, uniqueId: 7 })],
    ['a unique id that is too long', () => ({ client: {}, uniqueId: 'x'.repeat(513) })],
    ['a unique id with a NUL', () => ({ client: {}, uniqueId: 'a\0b' })],
    ['half of a character as unique id', () => ({ client: {}, uniqueId: '\ud800' })],
    ['a challenge that is not declared', () => ({ challenge: 'constructor' })],
  ])('is refused if it is %s, and the connection is closed once', async (_, connect) => {
    let disposals = 0
    const service = returning(() => {
      const result = connect()
      return typeof result === 'object' && result !== null
        ? { ...result, dispose: () => disposals++ }
        : result
    })
    const host = await makeHost({ service })
    expect(await submitted(host)).toMatchObject({ type: 'form', errors: { base: { code: 'unknown' } } })
    await atRest()
    const result = connect()
    expect(disposals).toBe(typeof result === 'object' && result !== null && 'client' in result ? 1 : 0)
    expect(host.log.lines).toMatchObject([
      { fields: { error: { message: expect.stringMatching(/^connect /) } } },
    ])
    expect((await host.latchkey.entries.list()).items).toEqual([])
  })

  it.each([
    ['no client', { uniqueId: 'ann' }, 'connect returned no client.'],
    ['the client itself', { ping: () => '' }, 'connect returned no client.'],
    [
      'a client that is not awaited',
      { client: Promise.reject(new Error('late')), uniqueId: 'ann' },
      'connect returned a promise as client.',
    ],
    [
      'a dispose that is no function',
      { client: {}, uniqueId: 'ann', dispose: true },
      'connect returned a dispose',
    ],
    [
      'former ids that are no list',
      { client: {}, uniqueId: 'ann', formerUniqueIds: 7 },
      'connect returned invalid',
    ],
  ])('is refused if it is %s, and the log says why', async (_, result, message) => {
    const host = await makeHost({ service: returning(() => result) })
    expect(await submitted(host)).toMatchObject({ type: 'form', errors: { base: { code: 'unknown' } } })
    await atRest()
    expect(host.log.lines).toMatchObject([
      { fields: { error: { message: expect.stringContaining(message) } } },
    ])
    expect((await host.latchkey.entries.list()).items).toEqual([])
  })

  it('is refused if an id contains the secret of the form', async () => {
    const token = 'token-of-the-neighbors'
    const ids: Pick<Connected<unknown>, 'uniqueId' | 'formerUniqueIds'>[] = [
      { uniqueId: token },
      { uniqueId: `ann:${token}` },
      { uniqueId: 'ann', formerUniqueIds: [token] },
    ]
    for (const id of ids) {
      const host = await makeHost({ service: returning(() => ({ client: null, ...id })) })
      expect(await submitted(host, { host: 'h', token })).toMatchObject({
        errors: { base: { code: 'unknown' } },
      })
      expect(host.log.lines).toMatchObject([
        {
          fields: {
            error: { message: expect.stringContaining('connect returned a uniqueId with a secret.') },
          },
        },
      ])
    }
  })

  it('has a user name as id, although it is the password, too', async () => {
    const host = await makeHost({ service: returning(() => ({ client: null, uniqueId: 'admin' })) })
    expect(await submitted(host, { host: 'h', token: 'admin' })).toMatchObject({ type: 'create_entry' })
  })

  it.each([
    ['in seconds', (now: number) => now / 1000],
    ['as a date', (now: number) => new Date(now)],
    ['as text', (now: number) => new Date(now).toISOString()],
  ])('has no expiration if it is %s, and the log says why', async (_, expirationAt) => {
    const host = await makeHost({
      service: returning(() => ({
        client: null,
        uniqueId: 'ann',
        expiresAt: expirationAt(host.clock.now() + 86_400_000),
      })),
    })
    await host.pass(1_800_000_000_000)
    expect(await submitted(host)).toMatchObject({ type: 'create_entry' })
    expect(await host.latchkey.attention.list()).toEqual([])
    expect(host.log.messages).toContain(
      'connect returned an expiresAt that is ignored. Return milliseconds since the epoch, as Date.now() does.',
    )
  })

  it.each([
    ['a function', () => {}],
    ['circular', circular()],
    ['a bigint', 7n],
    ['larger than 16 kB', 'x'.repeat(16_384)],
  ])('is refused where the state of a challenge is %s', async (_, state) => {
    const host = await makeHost({ service: returning(() => ({ challenge: 'otp', state })) })
    expect(await submitted(host)).toMatchObject({ step: 'user', errors: { base: { code: 'unknown' } } })
    expect(host.log.messages).toEqual(['A call of the integration failed.'])
  })

  it.each([
    ['is taken as it is', 'My Hub', 'My Hub'],
    ['loses its control characters and escapes', '\u001b[31mHub\u0007\n', '[31mHub'],
    ['loses its bidi overrides', 'abc\u202e\u2066def', 'abcdef'],
    ['is cut to two hundred characters', 'x'.repeat(300), 'x'.repeat(200)],
    ['falls back to the title of the integration if it is empty', '\u0000\u202e ', 'Scripted'],
    ['falls back to the title of the integration if it is not text', JSON.parse('7'), 'Scripted'],
  ])('has a title that %s', async (_, title, expected) => {
    const { latchkey } = await answered({ connect: 'ann', title })
    expect((await latchkey.entries.list()).items).toMatchObject([{ title: expected }])
  })

  it.each([
    ['Hub of key-12345678', 'key-12345678', 'Hub of [secret]'],
    ['Hub of KEY%2D12345678', 'key-12345678', 'Hub of [secret]'],
    // A word of a title can be a part of a secret.
    ['Hub of the neighbors', 'token-of-the-neighbors', 'Hub of the neighbors'],
    // The gap would give away a short secret.
    ['Hub 123', '123', 'Scripted'],
    ['Hub 1234', '12', 'Hub 1234'],
  ])('has the title %j without the secret %j of the form', async (title, token, shown) => {
    const address = token.length > 3 ? `${token}.example` : 'hub.example'
    const host = await makeHost({
      service: returning(() => ({ client: null, uniqueId: 'ann', title, account: title, address })),
    })
    await submitted(host, { host: 'h', token })
    const [entry] = (await host.latchkey.entries.list()).items
    expect(entry).toMatchObject({ title: shown, account: shown })
    expect(entry?.address).toBe(token.length > 3 ? undefined : address)
  })

  it('has an address with the longest host name and a port', async () => {
    const address = `${Array(4).fill('x'.repeat(62)).join('.')}:65535`
    const host = await makeHost({
      service: returning(() => ({ client: null, uniqueId: 'ann', address })),
    })
    await submitted(host)
    expect((await host.latchkey.entries.list()).items).toMatchObject([{ address }])
  })

  it('needs no dispose', async () => {
    const host = await makeHost({ service: returning(() => ({ client: null, uniqueId: 'ann' })) })
    const view = await submitted(host)
    if (view.type !== 'create_entry') throw new Error('An entry was expected.')
    expect(await host.latchkey.entries.unload(view.entryId)).toMatchObject({ state: 'not_loaded' })
  })
})

describe('a secret', () => {
  it('is removed from the log also in the form that the integration received', async () => {
    const log = new MemoryLog()
    const integration = defineIntegration({
      domain: 'trims',
      title: 'Trims',
      fields: z.object({ pin: secret(z.string().trim()) }),
      challenges: { otp: z.object({ code: secret(z.string().toUpperCase()) }) },
      connect: async ({ pin }, { challenge }) => {
        if (challenge === undefined) return { challenge: 'otp' as const }
        throw new Error(`refused ${pin.reveal()} and ${challenge.values.code.reveal()}`)
      },
    })
    const latchkey = await createLatchkey({
      integrations: [integration],
      store: memoryStore(),
      cipher: plainCipher(),
      log,
    })
    const form = await openForm(latchkey, 'trims')
    const { flowId } = form
    const asked = await latchkey.flows.submit(flowId, { pin: '  tiny-pin ' }, { revision: form.revision })
    const next = await latchkey.flows.submit(flowId, { code: 'abcd' }, { revision: asked.revision })
    expect(next).toMatchObject({ step: 'challenge', errors: { base: { code: 'unknown' } } })
    expect(log.lines[0]?.fields.error?.message).toBe('refused [secret] and [secret]')
    expect(JSON.stringify(log.lines)).not.toMatch(/tiny-pin|ABCD/)
  })
})

describe('Connector', () => {
  const made = (integration: AnyIntegration = new ScriptedService().integration) => {
    const log = new MemoryLog()
    const connector = new Connector(
      { clock: new SimulatedClock(), log, network: { fetch: globalThis.fetch }, telemetry: noTelemetry },
      { disposeTimeout: 10, subentries: 100 },
    )
    const compiled = compileIntegrations([integration]).get(integration.domain)
    if (compiled === undefined) throw new Error('It is compiled.')
    return { connector, compiled, log }
  }

  it('calls no service after it was aborted or stopped', async () => {
    const service = new ScriptedService()
    const { connector, compiled } = made(service.integration)
    const call = new Call()
    call.abort()
    expect(await connector.connect(compiled, { values, call })).toEqual({ type: 'failed', error: 'unknown' })
    connector.calls.stop()
    expect(await connector.connect(compiled, { values, call: new Call() })).toEqual({
      type: 'failed',
      error: 'unknown',
    })
    expect(service.connects).toEqual([])
  })

  it('does not connect with stored values that no longer fit the fields', async () => {
    const { connector, compiled, log } = made()
    const outcome = await connector.connect(compiled, { values: { host: 7 }, call: new Call() })
    expect(outcome).toEqual({ type: 'failed', error: 'setup_error' })
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { error: { code: 'setup_error' } } }])
  })

  it.each([
    ['of a challenge that there is no longer', { name: 'gone', values: { code: '1' }, state: null }],
    ['that does not fit its challenge', { name: 'otp', values: {}, state: null }],
  ])('does not connect with an answer %s', async (_, challenge) => {
    const service = new ScriptedService()
    const { connector, compiled } = made(service.integration)
    const outcome = await connector.connect(compiled, { values, challenge, call: new Call() })
    expect(outcome).toEqual({ type: 'failed', error: 'setup_error' })
    expect(service.connects).toEqual([])
  })
})

describe('a cancel', () => {
  it('leaves no connection open, at any moment of the call', async () => {
    const ends = new Set<string>()
    for (let turns = 0; turns < 40; turns++) {
      const host = await makeHost()
      host.service.script({ held: { connect: 'ann' } })
      const { flowId, revision } = await openForm(host.latchkey)
      const submit = host.latchkey.flows.submit(flowId, values, { revision })
      await atRest()
      host.service.release()
      for (let invocation = 0; invocation < turns; invocation++) await null
      const cancel = host.latchkey.flows.cancel(flowId).catch(() => null)
      const end = await submit
      await cancel
      await atRest()
      const made = (await host.latchkey.entries.list()).items.length
      ends.add(end.type)
      expect([turns, host.service.open]).toEqual([turns, made])
      expect(end.type).toBe(made === 1 ? 'create_entry' : 'abort')
    }
    expect([...ends].sort()).toEqual(['abort', 'create_entry'])
  })
})

describe('an unload', () => {
  it('leaves no connection open, at any moment of the call', async () => {
    for (let turns = 0; turns < 40; turns++) {
      const host = await makeHost()
      const entryId = await addEntry(host)
      await host.latchkey.entries.unload(entryId)
      host.service.script({ held: { connect: 'ann' } })
      const setup = host.latchkey.entries.setup(entryId)
      await atRest()
      host.service.release()
      for (let invocation = 0; invocation < turns; invocation++) await null
      await host.latchkey.entries.unload(entryId)
      await setup
      await atRest()
      expect([turns, host.service.open]).toEqual([turns, 0])
    }
  })
})

function circular(): object {
  const state: { self?: object } = {}
  state.self = state
  return state
}
