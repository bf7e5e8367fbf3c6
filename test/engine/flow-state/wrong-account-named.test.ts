import { describe, expect, it } from '@jest/globals'
import { defineIntegration } from '../../../src/authoring/integration.ts'
import { addEntry, asForm, makeHost } from '../host.ts'

/** A host with an entry, and a service that then answers as the account of bob, whose title is different. */
async function answeredByBob(named: object = { title: 'Hub of Bob', account: 'bob@hub.example' }) {
  const host = await makeHost()
  let isBob = false
  const { integration } = host.service
  const renamed = defineIntegration({
    ...integration,
    connect: async (values, context) => {
      const result = await integration.connect(values, context)
      return isBob ? { ...(result as object), uniqueId: 'bob', ...named } : result
    },
  } as typeof integration)
  const own = await host.again({ integrations: [renamed] })
  const entryId = await addEntry(own)
  isBob = true
  host.service.accounts.set('bobs', 'bob')
  return { ...own, entryId }
}

describe('the result of a sign-in with another account', () => {
  it('names the account as the service names it, and offers to switch to it', async () => {
    const { latchkey, entryId } = await answeredByBob()
    const { flowId, revision } = asForm(await latchkey.flows.start({ source: 'reauth', entryId }))
    expect(await latchkey.flows.submit(flowId, { token: 'bobs' }, { revision })).toMatchObject({
      reason: 'wrong_account',
      accounts: { found: { title: 'Hub of Bob', account: 'bob@hub.example' } },
      replaceable: true,
    })
  })

  it('names the ids of two accounts with the same name', async () => {
    const { latchkey, entryId } = await answeredByBob({ title: 'Scripted' })
    const { flowId, revision } = asForm(await latchkey.flows.start({ source: 'reauth', entryId }))
    expect(await latchkey.flows.submit(flowId, { token: 'bobs' }, { revision })).toMatchObject({
      reason: 'wrong_account',
      accounts: {
        expected: { title: 'Scripted', account: 'ann' },
        found: { title: 'Scripted', account: 'bob' },
      },
      text: 'You signed in as bob. This connection belongs to ann.',
    })
  })

  it('names an account without an id by its title, and no entry of it', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    await addEntry(host, { token: 'other', account: null })
    const form = asForm(await host.latchkey.flows.start({ source: 'reauth', entryId }))
    const end = await host.latchkey.flows.submit(form.flowId, { token: 'other' }, form)
    expect(end).toMatchObject({ reason: 'wrong_account' })
    expect(Object(end).accounts.found).toEqual({ title: 'Scripted', account: 'Scripted' })
  })
})
