import { describe, expect, it } from '@jest/globals'
import { CannotConnectError, FormError } from '../../../src/errors.ts'
import { addEntry, loseCredential, makeHost } from '../host.ts'

const unreachable = (code: string) =>
  new CannotConnectError(undefined, { cause: Object.assign(new Error(`getaddrinfo ${code} good`), { code }) })

/** The levels, messages and codes of the lines about states. */
const told = ({ log }: Awaited<ReturnType<typeof makeHost>>) =>
  log.states.map(({ level, message, fields }) => [level, message, fields.code ?? null])

describe('the log of an entry', () => {
  it('has a line when it loads', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    expect(host.log.states).toEqual([
      {
        level: 'info',
        message: 'An entry was loaded.',
        fields: { scope: 'default', entryId, domain: 'scripted' },
      },
    ])
  })

  it('has one line with the cause while the service cannot be reached, and one when it loads again', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.log.states.length = 0
    host.service.script({ throws: unreachable('ENOTFOUND') }, { throws: unreachable('ENOTFOUND') })
    await host.latchkey.entries.reload(entryId)
    await host.pass(5_000)
    const [line] = host.log.states
    expect(line).toMatchObject({
      level: 'warn',
      message: 'An entry cannot connect. Latchkey retries.',
      fields: {
        entryId,
        code: 'cannot_connect',
        ref: expect.any(String),
        error: {
          name: 'CannotConnectError',
          cause: { message: 'getaddrinfo ENOTFOUND [secret]', code: 'ENOTFOUND' },
        },
      },
    })
    expect(host.log.states).toHaveLength(1)
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({
      attempt: 2,
      lastError: {
        code: 'cannot_connect',
        ref: line?.fields.ref,
        cause: expect.stringContaining('ENOTFOUND'),
      },
    })
    await host.pass(20_000)
    expect(told(host).slice(1)).toEqual([['info', 'An entry was loaded.', null]])
  })

  it('has another line if the reason changes', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.log.states.length = 0
    host.service.script(
      { throws: unreachable('ECONNREFUSED') },
      { rateLimited: 60 },
      { throws: new Error('odd') },
    )
    await host.latchkey.entries.reload(entryId)
    await host.pass(10_000)
    await host.pass(60_000)
    expect(told(host)).toEqual([
      ['warn', 'An entry cannot connect. Latchkey retries.', 'cannot_connect'],
      ['warn', 'An entry cannot connect. Latchkey retries.', 'rate_limited'],
      ['warn', 'An entry cannot connect. Latchkey retries.', 'unknown'],
    ])
    // The unexpected error has its own line, with the same reference.
    expect(host.log.states.at(-1)?.fields).not.toHaveProperty('error')
    expect(host.log.states.at(-1)?.fields.ref).toBe(host.log.lines.at(-1)?.fields.ref)
  })

  it('names an entry that cannot be set up, and its repair', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.log.states.length = 0
    host.service.script({ throws: new FormError('too_old') })
    await host.latchkey.entries.reload(entryId)
    await host.latchkey.entries.reload(entryId)
    expect(told(host)).toEqual([
      ['warn', 'An entry cannot be set up. Retrying does not help.', 'setup_error'],
      ['info', 'An entry was repaired.', null],
    ])
  })

  it('names a required reauthentication, and its repair', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.log.states.length = 0
    const { flowId, revision } = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    await host.latchkey.flows.submit(flowId, { token: 'new' }, { revision })
    expect(told(host)).toEqual([
      ['warn', 'An entry requires a reauthentication.', 'invalid_auth'],
      ['info', 'An entry was repaired.', null],
    ])
  })

  it('tells the same failure again after the entry was disabled', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    host.log.states.length = 0
    host.service.script('setup_error', 'setup_error', 'setup_error')
    await host.latchkey.entries.reload(entryId)
    await host.latchkey.entries.reload(entryId)
    await host.latchkey.entries.disable(entryId)
    await host.latchkey.entries.enable(entryId)
    expect(told(host)).toHaveLength(2)
  })
})
