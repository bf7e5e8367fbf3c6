import { afterAll, describe, expect, it } from '@jest/globals'
import { addEntry, asForm, type Host, loseCredential, makeHost, openForm } from '../host.ts'
import { someStores } from '../stores.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const stores = someStores()
afterAll(stores.clear)

const link = async ({ latchkey }: Host, host: string, token = 'good') => {
  const form = await openForm(latchkey)
  return latchkey.flows.submit(form.flowId, { host, token }, form)
}

const codeOf = async (view: ReturnType<typeof link>) => {
  const shown = await view
  return shown.type === 'form' ? shown.errors.base?.code : shown.type
}

describe.each(stores.each)('the Retry-After of one address, on %s', (_, store) => {
  it('does not delay a link with another address', async () => {
    const host = await makeHost({ store: store() })
    host.service.accounts.set('good', 'ann')
    host.service.script({ rateLimited: DAY / 1000 })
    expect(await codeOf(link(host, 'mine'))).toBe('rate_limited')
    expect(await codeOf(link(host, 'mine'))).toBe('rate_limited')
    expect(host.service.connects).toHaveLength(1)
    expect(await codeOf(link(host, 'theirs'))).toBe('create_entry')
    await host.latchkey.stop()
  })

  it('is limited to an hour for an account that is not linked', async () => {
    const host = await makeHost({ store: store() })
    host.service.script({ rateLimited: DAY / 1000 })
    const view = asForm(await link(host, 'mine'))
    expect(view.errors.base).toMatchObject({ code: 'rate_limited', retryAfter: 3600 })
    await host.pass(HOUR - 1)
    expect(await codeOf(link(host, 'mine'))).toBe('rate_limited')
    await host.pass(1)
    expect(await codeOf(link(host, 'mine'))).toBe('invalid_auth')
    await host.latchkey.stop()
  })

  it('applies to an import with the same values', async () => {
    const host = await makeHost({ store: store() })
    host.service.script({ rateLimited: 600 })
    await link(host, 'mine')
    const start = (address: string) =>
      host.latchkey.flows.start({
        domain: 'scripted',
        source: 'import',
        input: { host: address, token: 'good' },
      })
    await expect(start('mine')).rejects.toMatchObject({ code: 'ATTEMPTS_EXHAUSTED', retryAfter: 600 })
    expect(await start('theirs')).toMatchObject({ reason: 'invalid_auth' })
    await host.latchkey.stop()
  })

  it('does not delay the new address of a linked account', async () => {
    const host = await makeHost({ store: store() })
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.script({ rateLimited: DAY / 1000 })
    await host.latchkey.flows.submit(form.flowId, { token: 'new' }, form)
    host.service.accounts.set('new', 'ann')
    const { flows } = host.latchkey
    const again = asForm(await flows.start({ source: 'reconfigure', entryId }))
    const same = asForm(await flows.submit(again.flowId, { host: 'h', token: 'new' }, again))
    expect(same.errors.base).toMatchObject({ code: 'rate_limited', retryAfter: DAY / 1000 })
    const moved = await flows.submit(again.flowId, { host: 'moved', token: 'new' }, same)
    expect(moved).toMatchObject({ type: 'abort', success: true })
    await host.latchkey.stop()
  })

  it('is lifted by the host for the whole integration, with the count of refused sign-ins', async () => {
    const host = await makeHost({ store: store() })
    host.service.script({ rateLimited: DAY / 1000 })
    await link(host, 'mine')
    for (let time = 0; time < 20; time++) await link(host, 'theirs')
    expect(await codeOf(link(host, 'theirs'))).toBe('rate_limited')
    await host.latchkey.entries.resetAttempts({ domain: 'scripted' }, { principal: 'ada' })
    for (const address of ['mine', 'theirs']) expect(await codeOf(link(host, address))).toBe('invalid_auth')
    const { items } = await host.store.readAudit('default', null, { limit: 10 })
    expect(items).toMatchObject([{ kind: 'attempts_reset', who: 'ada', code: 'scripted', entryId: null }])
    await host.latchkey.stop()
  })
})

describe('the waits of many addresses', () => {
  it('are stored up to a limit, and purged when they have passed', async () => {
    const host = await makeHost()
    host.service.script(...Array(120).fill({ rateLimited: 600 }))
    for (let time = 0; time < 120; time++) await link(host, `h${time}`)
    const stored = await host.store.getAttempts('default', 'domain:scripted')
    expect(stored?.failures).toHaveLength(100)
    expect(await codeOf(link(host, 'h119'))).toBe('rate_limited')
    expect(host.service.connects).toHaveLength(120)
    await host.latchkey.start()
    await host.pass(HOUR)
    await host.pass(HOUR)
    expect(await host.store.getAttempts('default', 'domain:scripted')).toBeUndefined()
    await host.latchkey.stop()
  })

  it('cannot be reset for an integration that does not exist', async () => {
    const host = await makeHost()
    const reset = host.latchkey.entries.resetAttempts({ domain: 'other' })
    await expect(reset).rejects.toMatchObject({ code: 'UNKNOWN_DOMAIN' })
  })
})
