import { readFileSync } from 'node:fs'
import { base64url, decodeProtectedHeader } from 'jose'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import type { Cipher, SealContext } from '../../../src/ports/cipher.ts'
import type { JsonObject } from '../../../src/ports/json.ts'
import type { EntryRecord, FlowRecord, Store } from '../../../src/ports/store.ts'
import { entryRecord, flowRecord, put, write } from '../../../src/testing/store-records.ts'

const data = { host: 'hub.example' }
const former = { host: 'former.example' }
const refreshed = { host: 'refreshed.example' }

const contextOf = (changes: Partial<SealContext>): SealContext => ({
  purpose: 'entry',
  scope: 'home',
  id: 'entry-1',
  domain: 'hub',
  uniqueId: null,
  data,
  ...changes,
})

/** The context of each encrypted value of the world, by the text that it encrypts. */
const contexts = {
  'entry-1': contextOf({ uniqueId: 'account-1' }),
  'previous of entry-1': contextOf({ uniqueId: 'account-0', data: former }),
  'room of entry-1': contextOf({ purpose: 'subentry', id: 'entry-1/room/room-1', data: {} }),
  'former room of entry-1': contextOf({ purpose: 'subentry', id: 'entry-1/room/room-1', data: former }),
  'entry-2': contextOf({ id: 'entry-2' }),
  'previous of entry-2': contextOf({ id: 'entry-2', data: former }),
  'pending token of entry-2': contextOf({ id: 'entry-2', data: refreshed }),
  'entry-3': contextOf({ id: 'entry-3', scope: 'other' }),
  'draft of flow-1': contextOf({ purpose: 'draft', id: 'flow-1', data: {} }),
  'secret of hook-1': contextOf({ purpose: 'webhook', id: 'hook-1', domain: '', data: {} }),
  'previous secret of hook-1': contextOf({ purpose: 'webhook', id: 'hook-1', domain: '', data: {} }),
  'removal of entry-9': contextOf({ id: 'entry-9', uniqueId: 'account-9' }),
  'sign-in of flow-2': contextOf({ purpose: 'authorization', id: 'flow-2', data: {} }),
} satisfies Readonly<Record<string, SealContext>>

interface Receiver {
  readonly sealed: string
  readonly previous: { readonly sealed: string }
}

export type SealedName = keyof typeof contexts

export const names = Object.keys(contexts) as SealedName[]

/** Fills a store with each kind of encrypted value. */
export async function fill(store: Store): Promise<void> {
  const { cipher } = store
  if (cipher === undefined) throw new Error('The store has a cipher.')
  const seal = (name: SealedName) => cipher.seal(name, contexts[name])
  const room = {
    ...{ subentryId: 'room-1', type: 'room', title: 'Room', uniqueId: null, data: {}, revision: 1 },
    sealed: await seal('room of entry-1'),
  }
  const previous = async (name: SealedName, more: { uniqueId?: string } = {}) => ({
    ...({ why: 'migrated', version: 1, data: former, options: {}, ...more } as const),
    sealed: await seal(name),
  })
  const one = entryRecord({
    uniqueId: 'account-1',
    sealed: await seal('entry-1'),
    previous: {
      ...(await previous('previous of entry-1', { uniqueId: 'account-0' })),
      subentries: {
        revision: 2,
        items: [{ ...room, data: former, sealed: await seal('former room of entry-1') }],
      },
    },
    subentries: { revision: 1, items: [room, { ...room, subentryId: 'room-2', sealed: null }] },
  })
  const two = entryRecord({
    entryId: 'entry-2',
    sealed: await seal('entry-2'),
    previous: await previous('previous of entry-2'),
  })
  const content = {
    ...{ entryId: 'entry-9', domain: 'hub', uniqueId: 'account-9', data },
    sealed: await seal('removal of entry-9'),
  }
  const removed = { scope: 'home', dueAt: 9e14, revision: 1 }
  await write(
    store,
    { put: 'removal', record: { ...removed, id: 'entry-9/1', content }, ifRevision: 0 },
    { put: 'removal', record: { ...removed, id: 'damaged', content: { sealed: 'x' } }, ifRevision: 0 },
  )
  const authorization = { machine: 'device-code@1', sealed: await seal('sign-in of flow-2') }
  await write(
    store,
    put(one),
    put(two),
    put(flowRecord({ sealedDraft: await seal('draft of flow-1') })),
    put(flowRecord({ flowId: 'flow-2', context: { values: {}, authorization } })),
    put(flowRecord({ flowId: 'flow-3', open: false, step: 'abort', context: { reason: 'cancelled' } })),
  )
  const receiver = {
    sealed: await seal('secret of hook-1'),
    previous: { sealed: await seal('previous secret of hook-1'), until: 5 },
  }
  const hook = { scope: 'home', id: 'hook-1', list: 'receivers', content: receiver, dueAt: null, revision: 1 }
  await write(store, { put: 'webhook', record: hook, ifRevision: 0 })
  await write(store, {
    ...{ put: 'webhook', ifRevision: 0 },
    record: { ...hook, id: 'hook-2', content: { url: 'https://hook.example' } },
  })
  const three = entryRecord({ scope: 'other', entryId: 'entry-3', sealed: await seal('entry-3') })
  await store.apply('other', [put(three)])
  const sealed = await seal('pending token of entry-2')
  const token = { scope: 'home', entryId: 'entry-2', replaces: two.sealed, data: refreshed, sealed }
  await store.journal?.put(token)
}

/** Returns the encrypted values of the world. */
async function sealedIn(store: Store): Promise<Readonly<Record<SealedName, string>>> {
  const entry = async (entryId: string, scope = 'home') =>
    (await store.getEntry(scope, entryId)) as EntryRecord
  const [one, two, three] = [await entry('entry-1'), await entry('entry-2'), await entry('entry-3', 'other')]
  const flow = async (flowId: string) => (await store.getFlow('home', flowId)) as FlowRecord
  const hook = (await store.webhooks.get('home', 'hook-1'))?.content as unknown as Receiver
  const { authorization } = (await flow('flow-2')).context as { readonly authorization: JsonObject }
  const token = await store.journal?.get('home', 'entry-2')
  const isCurrent = token?.replaces === two.sealed || token?.resealed === two.sealed
  return {
    'entry-1': one.sealed,
    'previous of entry-1': one.previous?.sealed ?? '',
    'room of entry-1': one.subentries?.items[0]?.sealed ?? '',
    'former room of entry-1': one.previous?.subentries?.items[0]?.sealed ?? '',
    'entry-2': two.sealed,
    'previous of entry-2': two.previous?.sealed ?? '',
    // A token that replaces another credential is deleted at its next use.
    'pending token of entry-2': isCurrent ? token.sealed : '',
    'entry-3': three.sealed,
    'draft of flow-1': (await flow('flow-1')).sealedDraft ?? '',
    'secret of hook-1': hook.sealed,
    'previous secret of hook-1': hook.previous.sealed,
    'removal of entry-9': String((await store.removals.get('home', 'entry-9/1'))?.content.sealed),
    'sign-in of flow-2': String(authorization.sealed),
  }
}

/** Returns the names of the values that a cipher decrypts to the right text. */
export async function openable(store: Store, cipher: Cipher): Promise<SealedName[]> {
  const sealed = await sealedIn(store)
  const opened = await Promise.all(
    names.map((name) => cipher.open(sealed[name], contexts[name]).catch(() => null)),
  )
  return names.filter((name, place) => opened[place] === name)
}

/** Returns the ids of the keys that encrypted the values, each once. */
export async function keysIn(store: Store): Promise<unknown[]> {
  const sealed = Object.values(await sealedIn(store))
  return [...new Set(sealed.map((value) => decodeProtectedHeader(value).kid))]
}

/** The ciphers of a key file: with all of its keys, and with the first one only. */
export function ciphersOf(path: string): {
  readonly all: Cipher
  readonly first: Cipher
  readonly count: number
} {
  const keys = (JSON.parse(readFileSync(path, 'utf8')).keys as { k: string }[]).map(({ k }) =>
    base64url.decode(k),
  )
  return { all: joseCipher(keys), first: joseCipher(keys.slice(0, 1)), count: keys.length }
}
