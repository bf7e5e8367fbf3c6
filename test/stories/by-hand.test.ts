import { afterEach, describe, expect, it } from '@jest/globals'
import { memoryStore, type View } from '../../src/index.ts'
import { soon, until, World } from './world.ts'

const worlds: World[] = []
/** A world over the memory store; `token` is the right one. */
async function world(overrides: ConstructorParameters<typeof World>[1] = {}): Promise<World> {
  const store = memoryStore()
  const made = new World(() => store, overrides)
  made.service.accounts.set('right', 'me').set('new', 'me')
  await made.begin()
  worlds.push(made)
  return made
}
afterEach(async () => {
  for (const made of worlds.splice(0)) {
    await made.stop()
    expect(made.complaints).toEqual([])
  }
})

const userFlow = (made: World) => made.scope('home').flows.start({ domain: 'scripted', source: 'user' })
const submit = (made: World, { flowId, revision }: View, token: string) =>
  made.scope('home').flows.submit(flowId, { host: 'hub', token }, { revision })

/** An entry whose credential the service has come to refuse, and the flow that asks for another. */
async function refused(made: World): Promise<{ readonly entryId: string; readonly form: View }> {
  const { entries, flows } = made.scope('home')
  const { entryId } = await submit(made, await userFlow(made), 'right')
  if (entryId === null) throw new Error('There is no entry.')
  made.service.accounts.delete('right')
  const call = entries.use(made.integration, entryId, (client) => client.ping())
  await expect(call).rejects.toMatchObject({ code: 'REAUTH_REQUIRED' })
  return { entryId, form: await flows.start({ source: 'reauth', entryId }) }
}

describe('a config flow', () => {
  it('takes the right values after wrong ones, a service that is away and a refused token', async () => {
    const made = await world()
    let view = await submit(made, await userFlow(made), '')
    expect(view).toMatchObject({ type: 'form', errors: { '/token': { code: 'too_small' } } })
    made.service.script('cannot_connect')
    view = await submit(made, view, 'right')
    expect(view).toMatchObject({ errors: { base: { code: 'cannot_connect' } }, values: { host: 'hub' } })
    view = await submit(made, view, 'wrong')
    expect(view).toMatchObject({ errors: { base: { code: 'invalid_auth' } } })
    view = await submit(made, view, 'right')
    expect(view).toMatchObject({ type: 'create_entry', success: true })
    expect(made.service).toMatchObject({ open: 1, disposed: 0 })
    expect(made.service.connects).toHaveLength(3)
  })

  it('logs in once for a reauthentication, on whose connection the entry runs', async () => {
    const made = await world()
    const { entryId, form } = await refused(made)
    const before = made.service.connects.length
    const { flows, entries } = made.scope('home')
    const end = await flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(end).toMatchObject({ reason: 'reauth_successful', success: true, entryState: 'loaded' })
    expect(await entries.use(made.integration, entryId, (client) => client.ping())).toBe('pong')
    expect(made.service.connects).toHaveLength(before + 1)
  })

  it.each([
    ['abort', { type: 'abort', reason: 'wrong_account', success: false }],
    ['retry', { type: 'form', step: 'reauth_confirm', errors: { base: { code: 'wrong_account' } } }],
  ] as const)(
    'refuses another account (%s), and leaves the entry as it was',
    async (onAccountMismatch, seen) => {
      const made = await world({ onAccountMismatch })
      made.service.accounts.set('other', 'another')
      const { entryId, form } = await refused(made)
      const before = await made.row('home', entryId)
      const { flows, attention } = made.scope('home')
      const view = await flows.submit(form.flowId, { token: 'other' }, { revision: form.revision })
      expect(view).toMatchObject(seen)
      expect(await made.row('home', entryId)).toEqual(before)
      expect(await attention.list()).toMatchObject([{ entryId, reason: 'invalid_auth' }])
      // The user tries again, and does not switch to that account.
      await flows.start({ source: 'reauth', entryId })
      await soon()
      expect(made.service).toMatchObject({ open: 0, disposed: 2 })
    },
  )

  it('succeeds if the reload after the commit fails, and returns the state of the entry', async () => {
    const made = await world({ adopt: false })
    const { entryId, form } = await refused(made)
    made.service.script({ connect: 'me' }, 'cannot_connect')
    const { flows, entries, attention } = made.scope('home')
    const end = await flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    expect(end).toMatchObject({ reason: 'reauth_successful', success: true, entryState: 'setup_retry' })
    expect(await attention.list()).toEqual([])
    expect(made.service.open).toBe(0)
    await made.advance(5_000)
    await until(async () => (await entries.get(entryId)).state === 'loaded')
    expect(made.service.open).toBe(1)
  })

  it('refuses to be cancelled while it saves', async () => {
    const made = await world()
    const { form } = await refused(made)
    const { flows } = made.scope('home')
    let saving = false
    let save = () => {}
    made.store.before('apply', 1, () => {
      saving = true
      return new Promise<void>((resolve) => {
        save = resolve
      })
    })
    const submitted = flows.submit(form.flowId, { token: 'new' }, { revision: form.revision })
    await until(() => saving)
    await expect(flows.cancel(form.flowId)).rejects.toMatchObject({
      code: 'COMMITTING',
      step: 'updatingEntry',
    })
    expect(await flows.get(form.flowId)).toMatchObject({ type: 'progress', step: 'updatingEntry' })
    save()
    expect(await submitted).toMatchObject({ reason: 'reauth_successful' })
  })

  it('does not expire while it works', async () => {
    const made = await world({ connectTimeout: 3_600_000 })
    const form = await userFlow(made)
    made.service.script({ held: { connect: 'me' } })
    const submitted = submit(made, form, 'right')
    await until(() => made.service.connects.length === 1)
    await made.advance(31 * 60_000)
    await soon()
    expect(await made.scope('home').flows.get(form.flowId)).toMatchObject({ type: 'progress' })
    made.service.release()
    expect(await submitted).toMatchObject({ type: 'create_entry' })
  })
})

describe('one more try of a refused credential', () => {
  it('brings the entry back where the service has changed its mind', async () => {
    const made = await world()
    const { entryId, form } = await refused(made)
    made.service.accounts.set('right', 'me')
    const { flows, entries, attention } = made.scope('home')
    expect(await entries.reload(entryId)).toMatchObject({ state: 'reauth_required' })
    expect(await entries.reload(entryId, { retryRejected: true })).toMatchObject({
      state: 'loaded',
      reauth: null,
    })
    expect(await flows.get(form.flowId)).toMatchObject({ type: 'abort', reason: 'reauth_successful' })
    expect(await attention.list()).toEqual([])
  })

  it('is one attempt: after a failure, no timer repeats it', async () => {
    const made = await world()
    const { entryId, form } = await refused(made)
    const { flows, entries, attention } = made.scope('home')
    made.service.script('cannot_connect')
    expect(await entries.reload(entryId, { retryRejected: true })).toMatchObject({ state: 'setup_retry' })
    const asked = made.service.connects.length
    await made.advance(600_000)
    await until(async () => (await entries.get(entryId)).state === 'reauth_required')
    expect(made.service.connects).toHaveLength(asked)
    expect(await attention.list()).toMatchObject([{ entryId, flowId: form.flowId }])
    expect(await flows.get(form.flowId)).toMatchObject({ type: 'form', step: 'reauth_confirm' })
  })

  it('leaves a reconfiguration of the user open', async () => {
    const made = await world()
    const { entryId } = await refused(made)
    const { flows, entries } = made.scope('home')
    const form = await flows.start({ source: 'reconfigure', entryId })
    made.service.accounts.set('right', 'me')
    expect(await entries.reload(entryId, { retryRejected: true })).toMatchObject({ state: 'loaded' })
    const still = await flows.get(form.flowId)
    expect(still).toMatchObject({ type: 'form', step: 'reconfigure' })
    const end = await flows.submit(
      still.flowId,
      { host: 'other', token: 'new' },
      { revision: still.revision },
    )
    expect(end).toMatchObject({ reason: 'reconfigure_successful' })
  })
})
