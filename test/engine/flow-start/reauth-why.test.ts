import { describe, expect, it } from '@jest/globals'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import type { FormView } from '../../../src/view.ts'
import { addEntry, asForm, atRest, loseCredential, makeHost } from '../host.ts'

const DAY = 86_400_000

async function hostWithEntry(expiresAt?: number) {
  const service = new ScriptedService()
  if (expiresAt !== undefined) {
    const { connect } = service.integration
    Object.assign(service, {
      integration: {
        ...service.integration,
        connect: async (...input: Parameters<typeof connect>) => ({
          ...(await connect(...input)),
          expiresAt,
        }),
      },
    })
  }
  const host = await makeHost({ service })
  const entryId = await addEntry(host)
  const start = async () => asForm(await host.latchkey.flows.start({ source: 'reauth', entryId }))
  return { ...host, host, entryId, start }
}

describe('the reason of a reauthentication', () => {
  it('is a refusal after the service has refused the credential, also if a user then requests one', async () => {
    const { host, latchkey, entryId } = await hostWithEntry()
    const form = await loseCredential(host, entryId)
    expect(form).toMatchObject({ why: 'invalid_auth' })
    expect(await latchkey.entries.requestReauth(entryId)).toMatchObject({
      flowId: form.flowId,
      why: 'invalid_auth',
    })
    await latchkey.flows.cancel(form.flowId)
    expect(await latchkey.entries.requestReauth(entryId)).toMatchObject({ why: 'invalid_auth' })
  })

  it('is a request if a user asks for it, and a host with its own text', async () => {
    const { latchkey, entryId, start } = await hostWithEntry()
    const form = await start()
    expect(form).toMatchObject({ why: 'requested' })
    await latchkey.flows.cancel(form.flowId)
    const requested = await latchkey.entries.requestReauth(entryId, { reason: 'New rules.' })
    expect(requested).toMatchObject({ why: 'requested', message: 'New rules.' })
  })

  it('becomes a refusal while the form is open, and keeps the form and its next submit', async () => {
    const { host, latchkey, service, entryId } = await hostWithEntry()
    const events: unknown[] = []
    latchkey.on('flow_progressed', (event) => events.push(event))
    const form = asForm(await latchkey.entries.requestReauth(entryId))
    expect(form).toMatchObject({ why: 'requested' })
    await loseCredential(host, entryId)
    await atRest()
    const { flowId } = form
    const current = asForm(await latchkey.flows.get(flowId))
    expect(current).toMatchObject({
      why: 'invalid_auth',
      step: 'reauth_confirm',
      revision: form.revision + 1,
    })
    expect(events).toContainEqual(expect.objectContaining({ flowId, revision: current.revision }))
    service.accounts.set('new', 'ann')
    const answer = await latchkey.flows.submit(flowId, { token: 'new' }, { revision: current.revision })
    expect(answer).toMatchObject({ reason: 'reauth_successful' })
  })

  it('stays as it is while the service checks the new credential, which the entry then has', async () => {
    const { host, latchkey, service, entryId } = await hostWithEntry()
    const { flowId, revision } = asForm(await latchkey.entries.requestReauth(entryId))
    service.script({ held: { connect: 'ann' } })
    const submit = latchkey.flows.submit(flowId, { token: 'new' }, { revision })
    await atRest()
    service.accounts.delete('good')
    const refused = latchkey.entries.use(service.integration, entryId, (client) => client.ping())
    await expect(refused).rejects.toMatchObject({ code: 'REAUTH_REQUIRED', flowId })
    expect(await latchkey.flows.get(flowId)).toMatchObject({ type: 'progress' })
    expect(await latchkey.attention.list()).toMatchObject([{ reason: 'invalid_auth' }])
    service.accounts.set('new', 'ann')
    service.release()
    expect(await submit).toMatchObject({ reason: 'reauth_successful', entryState: 'loaded' })
    expect(await host.latchkey.attention.list()).toEqual([])
  })

  it('stays as it is while another flow of the entry is open', async () => {
    const { host, latchkey, entryId } = await hostWithEntry()
    const edit = await latchkey.flows.start({ source: 'reconfigure', entryId })
    await loseCredential(host, entryId).catch(() => {})
    const open = asForm(await latchkey.flows.get(edit.flowId))
    expect([open.revision, open.why]).toEqual([edit.revision, undefined])
    expect((await latchkey.entries.get(entryId)).reauth).toMatchObject({ reason: 'invalid_auth' })
  })

  it('is the account if another one has answered', async () => {
    const { latchkey, service, entryId, start } = await hostWithEntry()
    service.script({ connect: 'bob' })
    await latchkey.entries.reload(entryId)
    expect(await start()).toMatchObject({ why: 'wrong_account' })
  })

  it('is the expiration if the credential expires soon', async () => {
    const { start } = await hostWithEntry(1_000_000 + 6 * DAY)
    expect(await start()).toMatchObject({ why: 'pending_expiration' })
    const later = await hostWithEntry(1_000_000 + 8 * DAY)
    expect(await later.start()).toMatchObject({ why: 'requested' })
  })

  it('survives a restart, and only reauthentications have one', async () => {
    const { host, latchkey, entryId, start } = await hostWithEntry()
    const { flowId } = await start()
    const restarted = await host.again()
    expect(await restarted.latchkey.flows.get(flowId)).toMatchObject({ why: 'requested' })
    await latchkey.flows.cancel(flowId)
    for (const source of ['reconfigure', 'replace'] as const) {
      const flow = (await latchkey.flows.start({ source, entryId })) as FormView
      expect(flow.why).toBeUndefined()
      await latchkey.flows.cancel(flow.flowId)
    }
  })
})
