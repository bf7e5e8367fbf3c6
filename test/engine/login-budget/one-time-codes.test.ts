import { afterAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { secret } from '../../../src/authoring/secret.ts'
import { InvalidAuthError } from '../../../src/errors.ts'
import type { FormView, View } from '../../../src/view.ts'
import { asForm, type Host, makeHost } from '../host.ts'
import { someStores } from '../stores.ts'
import { withSubentries } from '../subentry-host.ts'

const stores = someStores()
afterAll(stores.clear)

/** An integration with a second factor, and the codes that it has checked. */
function withCode(error?: string) {
  const codes: string[] = []
  const integration = defineIntegration({
    domain: 'otp',
    title: 'Bank',
    fields: z.object({ user: z.string(), password: secret() }),
    challenges: { otp: z.object({ code: secret() }) },
    connect: async ({ user, password }, { challenge }) => {
      if (password.reveal() !== 'good') throw new InvalidAuthError()
      if (challenge === undefined) return { challenge: 'otp' as const }
      const code = challenge.values.code.reveal()
      codes.push(code)
      if (code !== '4711') return { challenge: 'otp' as const, ...(error !== undefined && { error }) }
      return { client: {}, uniqueId: user }
    },
  })
  return { codes, integration }
}

const submit = async (host: Host, view: FormView, input: object): Promise<View> =>
  host.latchkey.flows.submit(view.flowId, input, view)

/** Opens a flow and signs in up to the challenge. */
async function openChallenge(host: Host): Promise<FormView> {
  const form = asForm(await host.latchkey.flows.start({ domain: 'otp', source: 'user' }))
  return asForm(await submit(host, form, { user: 'ann', password: 'good' }))
}

/** Answers the challenge of a flow with wrong codes. */
async function guess(host: Host, challenge: FormView, times: number): Promise<FormView> {
  let view = challenge
  for (let time = 0; time < times; time++) view = asForm(await submit(host, view, { code: `000${time}` }))
  return view
}

describe.each(stores.each)('one-time codes, on %s', (_, store) => {
  it.each([['code_wrong'], [undefined]])(
    'are limited like passwords if the challenge returns with the error %j',
    async (error) => {
      const { codes, integration } = withCode(error)
      const host = await makeHost({ store: store(), integrations: [integration] })
      const view = await guess(host, await openChallenge(host), 200)
      expect(codes).toHaveLength(20)
      expect(view).toMatchObject({ step: 'challenge', errors: { base: { code: 'rate_limited' } } })
      const again = asForm(await host.latchkey.flows.start({ domain: 'otp', source: 'user' }))
      const refused = await submit(host, again, { user: 'ann', password: 'good' })
      expect(refused).toMatchObject({ errors: { base: { code: 'rate_limited' } } })
      await host.latchkey.stop()
    },
  )

  it('are limited over many flows', async () => {
    const { codes, integration } = withCode('code_wrong')
    const host = await makeHost({ store: store(), integrations: [integration] })
    const challenges = []
    for (let flow = 0; flow < 15; flow++) challenges.push(await openChallenge(host))
    await Promise.allSettled(challenges.map((challenge) => guess(host, challenge, 5)))
    expect(codes.length).toBeLessThanOrEqual(20)
    await host.latchkey.stop()
  })

  it('are limited in a reauthentication, to five of a principal, with a history row each', async () => {
    const { codes, integration } = withCode('code_wrong')
    const host = await makeHost({ store: store(), integrations: [integration] })
    const created = await submit(host, await openChallenge(host), { code: '4711' })
    if (created.type !== 'create_entry') throw new Error('The entry was not created.')
    const { entryId } = created
    codes.length = 0
    const form = asForm(await host.latchkey.entries.requestReauth(entryId))
    const challenge = asForm(await submit(host, form, { password: 'good' }))
    const view = await guess(host, challenge, 20)
    expect(codes).toHaveLength(5)
    expect(view.errors.base?.code).toBe('rate_limited')
    const { items } = await host.latchkey.history(entryId)
    expect(items.filter(({ kind }) => kind === 'flow_rejected')).toHaveLength(5)
    await host.latchkey.stop()
  })
})

describe('the secrets of a sub-entry', () => {
  it('are limited apart from the credential of its entry', async () => {
    const host = await withSubentries()
    const form = asForm(
      await host.latchkey.flows.start({ source: 'subentry', entryId: host.entryId, type: 'feed' }),
    )
    let view = form
    let checked = 0
    host.checks.push(...Array(40).fill(() => ({ error: `key_wrong_${'a'.repeat(++checked)}` })))
    for (let time = 0; time < 40; time++)
      view = asForm(await host.latchkey.flows.submit(form.flowId, { url: 'u', key: 'k' }, view))
    expect(checked).toBe(20)
    expect(view.errors.base?.code).toBe('rate_limited')
    // The sign-in of the entry is not delayed.
    const reauth = asForm(await host.latchkey.flows.start({ source: 'reauth', entryId: host.entryId }))
    const refused = asForm(await host.latchkey.flows.submit(reauth.flowId, { token: 'bad' }, reauth))
    expect(refused.errors.base?.code).toBe('invalid_auth')
    await host.latchkey.entries.resetAttempts(host.entryId)
    await host.latchkey.flows.submit(form.flowId, { url: 'u', key: 'k' }, view)
    expect(checked).toBe(21)
  })

  it('do not clear the count when they are accepted', async () => {
    const host = await withSubentries()
    for (let time = 0; time < 20; time++) {
      host.checks.push(() => ({ error: 'key_wrong' }))
      expect(await host.add('feed', { url: `u${time}`, key: 'k' })).toMatchObject({ type: 'form' })
      const view = await host.add('feed', { url: `v${time}`, key: 'k' })
      expect(view.type).toBe(time < 19 ? 'create_entry' : 'form')
    }
  })

  it('are not limited for a type without a check or without secrets', async () => {
    const host = await withSubentries()
    for (let time = 0; time < 20; time++)
      expect(await host.add('room', { name: '' })).toMatchObject({ errors: { '/name': {} } })
    expect(await host.add('room', { name: 'Kitchen' })).toMatchObject({ type: 'create_entry' })
  })
})
