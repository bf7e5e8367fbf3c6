import { describe, expect, it } from '@jest/globals'
import type { Secret } from '../../src/authoring/secret.ts'
import type { Latchkey } from '../../src/engine/api/latchkey.ts'
import { StoreError } from '../../src/errors.ts'
import type { Write } from '../../src/ports/store.ts'
import { ScriptedService } from '../../src/testing/index.ts'
import { addEntry, atRest, type Host, loseCredential, makeHost, openForm } from './host.ts'
import { withSubentries } from './subentry-host.ts'
import { TamperedStore } from './tampered-store.ts'

const values = { host: 'h', token: 'good' }
const unknown = { code: 'STORE', outcome: 'unknown' }

type Apply = () => Promise<void>

/** Writes, but loses the answer. */
async function loseAnswer(apply: Apply): Promise<void> {
  await apply()
  await loseRequest()
}

/** Writes nothing, and does not know that. */
async function loseRequest(): Promise<void> {
  throw new StoreError('The connection was lost.', { outcome: 'unknown' })
}

async function fail(): Promise<void> {
  throw new StoreError('The database cannot be reached.')
}

function failed(): never {
  throw new StoreError('The database cannot be reached.')
}

const writesEntry = (writes: readonly Write[]): boolean =>
  writes.some((write) => 'put' in write && write.put === 'entry')

/** Does something else with the next transaction that writes an entry, and `then` with all later ones. */
function onCommit(
  store: TamperedStore,
  happens: (apply: Apply) => Promise<void>,
  then: (apply: Apply) => Promise<void> = (apply) => apply(),
): void {
  let isOver = false
  store.onApply = async (apply, writes) => {
    if (isOver) return then(apply)
    if (!writesEntry(writes)) return apply()
    isOver = true
    return happens(apply)
  }
}

/** Does something else with the next transaction. */
function onWrite(store: TamperedStore, happens: (apply: Apply) => Promise<void>): void {
  store.onApply = (apply) => {
    store.onApply = (later) => later()
    return happens(apply)
  }
}

async function world(service = new ScriptedService()): Promise<Host & { readonly tampered: TamperedStore }> {
  const tampered = new TamperedStore()
  const host = await makeHost({ store: tampered, service })
  host.service.accounts.set('good', 'ann')
  return { ...host, tampered }
}

/** The changes of entries and the ended flows from now on, as the engine emits them. */
function recorded(latchkey: Latchkey) {
  const events: (readonly [string, string])[] = []
  const finished: string[] = []
  for (const name of ['entry_added', 'entry_updated', 'entry_removed'] as const)
    latchkey.on(name, ({ entryId }) => events.push([name, entryId]))
  latchkey.on('flow_finished', ({ flowId }) => finished.push(flowId))
  return { events, finished }
}

describe('a sign-in whose save got no answer', () => {
  it('succeeds if it was saved, and the entry is read again', async () => {
    const { latchkey, tampered } = await world()
    const form = await openForm(latchkey)
    const changes: unknown[] = []
    latchkey.on('other_process_changed', (event) => changes.push(event))
    onCommit(tampered, loseAnswer)
    const end = await latchkey.flows.submit(form.flowId, values, form)
    expect(end).toMatchObject({ type: 'create_entry', success: true })
    expect(changes).toMatchObject([{ entryIds: [end.entryId], flowIds: [form.flowId] }])
    expect((await latchkey.entries.list()).items).toMatchObject([{ entryId: end.entryId }])
  })

  it('succeeds if it was saved, although the form already shows a failed save', async () => {
    const { latchkey, tampered } = await world()
    const form = await openForm(latchkey)
    onCommit(tampered, fail)
    const again = await latchkey.flows.submit(form.flowId, values, form)
    expect(again).toMatchObject({ type: 'form', errors: { base: { code: 'unknown' } } })
    onCommit(tampered, loseAnswer)
    expect(await latchkey.flows.submit(form.flowId, values, again)).toMatchObject({ type: 'create_entry' })
  })

  it('shows the form if it was not saved', async () => {
    const { latchkey, tampered } = await world()
    const form = await openForm(latchkey)
    onCommit(tampered, loseRequest)
    const again = await latchkey.flows.submit(form.flowId, values, form)
    expect(again).toMatchObject({ type: 'form', errors: { base: { code: 'unknown' } } })
    expect((await latchkey.entries.list()).items).toEqual([])
    expect(await latchkey.flows.submit(form.flowId, values, again)).toMatchObject({ type: 'create_entry' })
  })

  it('tells that this is not known while the store does not answer, and the result after that', async () => {
    const { latchkey, tampered } = await world()
    const form = await openForm(latchkey)
    const breakDown = async (apply: Apply) => {
      tampered.onFlow = failed
      await loseAnswer(apply)
    }
    onCommit(tampered, breakDown, fail)
    await expect(latchkey.flows.submit(form.flowId, values, form)).rejects.toMatchObject(unknown)
    tampered.onFlow = (flow) => flow
    onWrite(tampered, (apply) => apply())
    await expect(latchkey.flows.submit(form.flowId, values, form)).rejects.toMatchObject({
      code: 'FLOW_ENDED',
      view: { type: 'create_entry', success: true },
    })
  })

  it('emits the changes also if the result is found only when the flow is read again', async () => {
    const { latchkey, tampered } = await world(new ScriptedService({ abortIfEntriesMatch: ['host'] }))
    const discovery = { uniqueId: 'ann', values: { host: 'h' } }
    const found = await latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
    const form = await openForm(latchkey)
    const { events, finished } = recorded(latchkey)
    onCommit(tampered, async (apply) => {
      tampered.onFlow = () => {
        tampered.onFlow = (flow) => flow
        return failed()
      }
      await loseAnswer(apply)
    })
    const { entryId } = await latchkey.flows.submit(form.flowId, values, form)
    expect(events).toEqual([['entry_added', entryId]])
    expect(finished).toEqual([found.flowId, form.flowId])
  })

  it('names the new entry to those who read it again, if it cannot be read yet', async () => {
    const { latchkey, tampered } = await world()
    const form = await openForm(latchkey)
    const changes: (readonly string[])[] = []
    latchkey.on('other_process_changed', ({ entryIds }) => changes.push(entryIds))
    onCommit(
      tampered,
      async (apply) => {
        tampered.onFlow = failed
        await loseAnswer(apply)
      },
      fail,
    )
    await expect(latchkey.flows.submit(form.flowId, values, form)).rejects.toMatchObject(unknown)
    const [entry] = (await latchkey.entries.list()).items
    expect(changes).toEqual([[entry?.entryId]])
  })

  it('uses the verified connection if it was saved', async () => {
    const { latchkey, tampered, service } = await world()
    const form = await openForm(latchkey)
    onCommit(tampered, loseAnswer)
    const { entryId = '' } = await latchkey.flows.submit(form.flowId, values, form)
    expect(await latchkey.entries.use(service.integration, entryId ?? '', ({ account }) => account)).toBe(
      'ann',
    )
    expect(service.connects).toHaveLength(1)
  })

  it('repairs an entry if it was saved, and uses the verified connection', async () => {
    const host = await world()
    const entryId = await addEntry(host)
    const form = await loseCredential(host, entryId)
    host.service.accounts.set('new', 'ann')
    onCommit(host.tampered, loseAnswer)
    const end = await host.latchkey.flows.submit(form.flowId, { token: 'new' }, form)
    expect(end).toMatchObject({ reason: 'reauth_successful', success: true })
    expect(await host.latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    expect(host.service.connects).toHaveLength(3)
  })

  it('ends the discoveries of its account if it was saved, and emits all changes', async () => {
    const { latchkey, tampered } = await world(new ScriptedService({ abortIfEntriesMatch: ['host'] }))
    const discover = (uniqueId: string) => {
      const discovery = { uniqueId, values: { host: 'h' } }
      return latchkey.flows.start({ domain: 'scripted', source: 'discovery', discovery })
    }
    const found = await discover('ann')
    const form = await openForm(latchkey)
    const { events, finished } = recorded(latchkey)
    let late = ''
    onCommit(tampered, async (apply) => {
      late = (await discover('bob')).flowId
      await loseAnswer(apply)
    })
    const { entryId } = await latchkey.flows.submit(form.flowId, values, form)
    expect(finished).toEqual([found.flowId, late, form.flowId])
    expect(events).toEqual([['entry_added', entryId]])
    for (const flowId of [found.flowId, late])
      expect(await latchkey.flows.get(flowId)).toMatchObject({ reason: 'already_configured', entryId })
  })

  it('informs the service of a replaced account if it was saved, and emits the change', async () => {
    const informed: string[] = []
    const onRemove = async ({ token }: { readonly token: Secret }) => void informed.push(token.reveal())
    const { latchkey, tampered, ...host } = await world(new ScriptedService({ onRemove }))
    const entryId = await addEntry({ latchkey, ...host })
    host.service.accounts.set('bobs', 'bob')
    const form = await latchkey.flows.start({ source: 'replace', entryId })
    const menu = await latchkey.flows.submit(form.flowId, { host: 'h', token: 'bobs' }, form)
    const { events, finished } = recorded(latchkey)
    onCommit(tampered, loseAnswer)
    expect(await latchkey.flows.choose(menu.flowId, 'replace', menu)).toMatchObject({ success: true })
    await atRest()
    expect(informed).toEqual(['good'])
    expect(events).toEqual([['entry_updated', entryId]])
    expect(finished).toEqual([form.flowId])
  })

  it('shows the result of another process that has ended the flow instead', async () => {
    const { latchkey, tampered, ...host } = await world()
    const form = await openForm(latchkey)
    const other = await host.again({ store: tampered.inner })
    onCommit(tampered, async () => {
      await other.latchkey.flows.cancel(form.flowId)
      await loseRequest()
    })
    const end = await latchkey.flows.submit(form.flowId, values, form)
    expect(end).toMatchObject({ type: 'abort', reason: 'cancelled' })
    expect(host.service.open).toBe(0)
  })

  it('continues a reconfiguration that was saved: the entry is loaded with it', async () => {
    const { latchkey, tampered, ...host } = await world(new ScriptedService({ adopt: false }))
    const entryId = await addEntry({ latchkey, ...host })
    const form = await latchkey.flows.start({ source: 'reconfigure', entryId })
    onCommit(tampered, loseAnswer)
    const moved = await latchkey.flows.submit(form.flowId, { host: 'moved', token: 'good' }, form)
    expect(moved).toMatchObject({ reason: 'reconfigure_successful', success: true })
    expect((await tampered.inner.getEntry('default', entryId))?.data).toEqual({ host: 'moved' })
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
  })
})

describe('a reconfiguration that is undone without an answer', () => {
  /** A reconfiguration whose entry does not load, and `happens` instead of the write that restores its values. */
  const undone = async (happens: (apply: Apply, cancel: () => Promise<void>) => Promise<void>) => {
    const { latchkey, tampered, service, ...host } = await world(new ScriptedService({ adopt: false }))
    const entryId = await addEntry({ latchkey, service, ...host })
    const form = await latchkey.flows.start({ source: 'reconfigure', entryId })
    service.script({ connect: 'ann' }, 'cannot_connect')
    const { events } = recorded(latchkey)
    tampered.onApply = (apply, writes) => {
      if (!writes.some((write) => 'audit' in write && write.audit.kind === 'credential_restored'))
        return apply()
      tampered.onApply = (later) => later()
      return happens(apply, async () => {
        const other = await host.again({ store: tampered.inner })
        await other.latchkey.flows.cancel(form.flowId)
      })
    }
    const view = await latchkey.flows.submit(form.flowId, { host: 'moved', token: 'good' }, form)
    const entry = await tampered.inner.getEntry('default', entryId)
    return { ...host, latchkey, entryId, view, entry, events }
  }

  it('shows the form if the previous values are restored, and loads the entry with them', async () => {
    const { latchkey, entryId, view, entry, events } = await undone(loseAnswer)
    expect(view).toMatchObject({ step: 'reconfigure', errors: { base: { code: 'cannot_connect' } } })
    expect(entry).toMatchObject({ data: { host: 'h' }, credentialRevision: 3 })
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'loaded' })
    // The change, the failed setup, and the restored values.
    expect(events).toEqual(Array(3).fill(['entry_updated', entryId]))
    const again = await latchkey.flows.submit(view.flowId, { host: 'moved', token: 'good' }, view)
    expect(again).toMatchObject({ reason: 'reconfigure_successful', entryState: 'loaded' })
  })

  it('ends if they are not restored, and the saved change stays', async () => {
    const { view, entry } = await undone(loseRequest)
    expect(view).toMatchObject({ type: 'abort', reason: 'unknown', success: false })
    expect(entry).toMatchObject({ data: { host: 'moved' } })
  })

  it('shows the result of another process that has ended the flow at the same time', async () => {
    const { view, entry } = await undone(async (apply, cancel) => {
      await apply()
      await cancel()
      await loseRequest()
    })
    expect(view).toMatchObject({ type: 'abort', reason: 'cancelled' })
    expect(entry).toMatchObject({ data: { host: 'h' } })
  })
})

describe('a change of an entry by a flow whose save got no answer', () => {
  it('adds a sub-entry if it was saved, and loads the entry with it', async () => {
    const tampered = new TamperedStore()
    const { latchkey, entryId, add, listed, seen } = await withSubentries({ store: tampered })
    const { events } = recorded(latchkey)
    onCommit(tampered, loseAnswer)
    expect(await add('room', { name: 'Attic' })).toMatchObject({ type: 'create_entry', success: true })
    expect(await listed()).toMatchObject([{ title: 'Attic' }])
    expect(seen.at(-1)).toMatchObject([{ title: 'Attic' }])
    expect(events).toEqual([['entry_updated', entryId]])
  })
})

describe('an import whose save got no answer', () => {
  const start = ({ latchkey }: Host) =>
    latchkey.flows.start({ domain: 'scripted', source: 'import', input: values })

  it('succeeds if it was saved', async () => {
    const host = await world()
    onCommit(host.tampered, loseAnswer)
    const end = await start(host)
    expect(end).toMatchObject({ type: 'create_entry', success: true })
    expect(await host.latchkey.flows.get(end.flowId)).toEqual(end)
  })

  it('succeeds if it was saved, although it cannot be read at first', async () => {
    const host = await world()
    onCommit(host.tampered, loseAnswer)
    host.tampered.onFlow = () => {
      host.tampered.onFlow = (flow) => flow
      return failed()
    }
    expect(await start(host)).toMatchObject({ type: 'create_entry', success: true })
  })

  it('tells that this is not known if it is not stored, or cannot be read', async () => {
    const host = await world()
    onCommit(host.tampered, loseRequest)
    await expect(start(host)).rejects.toMatchObject(unknown)
    onCommit(host.tampered, loseAnswer)
    host.tampered.onFlow = () => {
      throw new StoreError('The database cannot be reached.')
    }
    await expect(start(host)).rejects.toMatchObject(unknown)
  })
})

describe('a change of an entry that got no answer', () => {
  it('is made if it is stored', async () => {
    const host = await world()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    onWrite(host.tampered, loseAnswer)
    expect(await entries.update(entryId, { title: 'Attic' })).toMatchObject({ title: 'Attic' })
    onWrite(host.tampered, loseAnswer)
    expect(await entries.disable(entryId)).toMatchObject({ state: 'disabled' })
    const kinds = (await host.latchkey.history(entryId)).items.map(({ kind }) => kind)
    expect(kinds).toEqual(['entry_created', 'entry_renamed', 'entry_disabled'])
    onWrite(host.tampered, loseAnswer)
    await entries.remove(entryId)
    await expect(entries.get(entryId)).rejects.toMatchObject({ code: 'UNKNOWN_ENTRY' })
  })

  it('tells that this is not known if it is not stored', async () => {
    const host = await world()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    const { title } = await entries.get(entryId)
    for (const change of [
      () => entries.update(entryId, { title: 'Attic' }),
      () => entries.disable(entryId),
      () => entries.remove(entryId),
    ]) {
      onWrite(host.tampered, loseRequest)
      await expect(change()).rejects.toMatchObject(unknown)
    }
    expect(await entries.get(entryId)).toMatchObject({ title, disabled: false })
  })

  it('tells that this is not known if it cannot be read, and the running entry follows it', async () => {
    const host = await world()
    const entryId = await addEntry(host)
    const { entries } = host.latchkey
    let isDown = false
    host.tampered.onEntry = async (entry) => (isDown ? fail().then(() => entry) : entry)
    onWrite(host.tampered, async (apply) => {
      isDown = true
      await loseAnswer(apply)
    })
    await expect(entries.disable(entryId)).rejects.toMatchObject(unknown)
    await atRest()
    isDown = false
    const used = entries.use(host.service.integration, entryId, (client) => client.ping())
    await expect(used).rejects.toMatchObject({ code: 'ENTRY_NOT_LOADED', state: 'disabled' })
  })
})
