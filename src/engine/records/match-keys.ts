import type * as z from 'zod'
import { isAddressField } from '../../authoring/field.ts'
import { secretsWithin } from '../../authoring/secret.ts'
import { ConfigurationError, SlotTakenError } from '../../errors.ts'
import type { Cipher } from '../../ports/cipher.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { EntryRecord } from '../../ports/store.ts'
import { type Compiled, methodOf, methodVariants } from '../integrations/compiled.ts'
import { hashOfTexts, normalizedValue } from '../integrations/values.ts'
import type { Core } from '../kernel/core.ts'
import { isConflict, isTaken } from '../lib/conflicts.ts'
import { valuesBefore } from '../secrets/sealed-values.ts'
import { macsOf, openSecrets } from '../secrets/vault.ts'
import { isReadable, ownEntry } from './entry-record.ts'

const PAGE_SIZE = 500

/** The scopes and domains whose match keys were checked, and the current key, by engine. */
const checked = new WeakMap<Core, Set<string>>()

/** An integration in one scope. */
interface Place {
  readonly core: Core
  readonly scope: string
  readonly compiled: Compiled
}

/** The start of a match key that is a code of the cipher. */
const MAC = 'mac:'

/** Returns the secret fields that decide whether entries match. */
const matchedSecrets = ({ integration, fullForm, storedForm }: Compiled): readonly string[] =>
  (integration.abortIfEntriesMatch ?? []).filter(
    (field) => fullForm.secrets.has(field) || storedForm.secrets.has(field),
  )

/** Returns a cipher that can compute codes. @throws ConfigurationError */
function macCipher({ cipher }: Pick<Core, 'cipher'>, compiled: Compiled): Required<Pick<Cipher, 'mac'>> {
  const { mac } = cipher
  if (mac !== undefined) return { mac }
  const [field] = matchedSecrets(compiled)
  throw new ConfigurationError(
    `Integration "${compiled.domain}": abortIfEntriesMatch names the secret "${field}", but the cipher cannot compute codes. Implement Cipher.mac, or use joseCipher().`,
  )
}

/** Checks that the cipher can compute the match keys of all integrations. @throws ConfigurationError */
export function assertMatchable(core: Pick<Core, 'cipher' | 'integrations'>): void {
  for (const compiled of [...core.integrations.values()].flatMap(methodVariants))
    if (matchedSecrets(compiled).length > 0) macCipher(core, compiled)
}

/** Returns a value as its schema validates it. */
function matchedText(compiled: Compiled, field: string, values: JsonObject): string {
  const value = values[field]
  const [secret] = secretsWithin((compiled.schema.shape[field] as z.ZodType).safeParse(value).data)
  return secret?.reveal() ?? normalizedValue(compiled, field, value)
}

/**
 * Returns the keys that must be unique among the entries of an integration, in addition to the unique id: `single`, a hash
 * of the fields in `abortIfEntriesMatch`, or, if one of them is a secret, their code for each key of the cipher. The first
 * one is stored. Empty if the integration requires none, and for values without one of the secrets.
 *
 * @throws StoreError
 */
export async function matchKeysOf(
  { core, scope, compiled }: Place,
  values: JsonObject,
): Promise<readonly string[]> {
  const { singleInstance, abortIfEntriesMatch } = compiled.integration
  if (singleInstance === true) return ['single']
  if (abortIfEntriesMatch === undefined) return []
  const secrets = matchedSecrets(compiled)
  const texts = abortIfEntriesMatch.map((field) => matchedText(compiled, field, values))
  if (secrets.length === 0) return [`match:${await hashOfTexts(texts)}`]
  if (secrets.some((field) => values[field] == null)) return []
  const { domain } = compiled
  const macs = await macsOf(core, macCipher(core, compiled), texts, { scope, domain })
  return macs.map(({ keyId, code }) => `${MAC}${keyId}:${code}`)
}

/**
 * Returns the match keys of the stored values of an entry; empty without one, or if its secrets cannot be decrypted. @throws
 * StoreError
 */
export async function storedMatchKeysOf(place: Place, entry: EntryRecord): Promise<readonly string[]> {
  if (matchedSecrets(place.compiled).length === 0) return matchKeysOf(place, entry.data)
  const secrets = await openSecrets(place.core, entry).catch((): JsonObject => ({}))
  return matchKeysOf(place, { ...entry.data, ...secrets })
}

/** Returns the first of the match keys of the stored values of an entry; undefined without one. @throws StoreError */
export const storedMatchKeyOf = async (place: Place, entry: EntryRecord): Promise<string | undefined> =>
  (await storedMatchKeysOf(place, entry))[0]

/** Returns the integration that can compute a match key of an entry again; null if it is not a code, or without one. */
function codedBy(
  core: Core,
  { domain, method, version }: EntryRecord,
  matchKey: string | undefined,
): Compiled | null {
  const compiled = core.integrations.get(domain)
  if (matchKey === undefined || keyIn(matchKey) === '' || compiled === undefined) return null
  const of = methodOf(compiled, method)
  return of.version === version && matchedSecrets(of).length > 0 ? of : null
}

/** Returns the ids of the keys of the codes in an entry: of its match key, and of its previous one. */
export const macKeyIdsOf = ({ matchKey, previous }: EntryRecord): readonly string[] =>
  [matchKey, previous?.matchKey]
    .map((key = '') => keyIn(key).slice(MAC.length, -1))
    .filter((keyId) => keyId !== '')

/** Returns a row with its match key, computed with the first key if it is a code of the values of an entry. @throws StoreError */
async function withRenewedKey<Row extends Pick<EntryRecord, 'matchKey'>>(
  core: Core,
  entry: EntryRecord,
  row: Row,
): Promise<Row> {
  const compiled = codedBy(core, entry, row.matchKey)
  const matchKey = compiled && (await storedMatchKeyOf({ core, scope: entry.scope, compiled }, entry))
  return matchKey == null || matchKey === row.matchKey ? row : { ...row, matchKey }
}

/**
 * Returns an entry with its match key and its previous one, each computed with the first key if it is a code. Returns the
 * same object if they are unchanged. A code stays as it is if its integration is missing or has another version, or if its
 * secrets cannot be decrypted.
 *
 * @throws StoreError
 */
export async function withRenewedMatchKeys(core: Core, entry: EntryRecord): Promise<EntryRecord> {
  const renewed = await withRenewedKey(core, entry, entry)
  const { previous } = entry
  if (previous === undefined) return renewed
  const former = await withRenewedKey(core, { ...entry, ...valuesBefore(entry, previous) }, previous)
  return former === previous ? renewed : { ...renewed, previous: former }
}

/**
 * Returns the entry that `abortIfEntriesMatch` finds for the values; undefined without one. @throws StoreError
 */
export async function findMatching(place: Place, values: JsonObject): Promise<EntryRecord | undefined> {
  const { core, scope, compiled } = place
  const { domain, integration } = compiled
  if (integration.abortIfEntriesMatch === undefined) return undefined
  const keys = await matchKeysOf(place, values)
  await replaceOldKeys(place, keys[0])
  // During a rotation, entries have codes of several keys.
  return findByKey(core, { scope, domain }, keys)
}

/** Returns an entry with one of the match keys, except the given one; undefined without one. */
export async function findByKey(
  { store }: Core,
  { scope, domain, entryId }: Pick<EntryRecord, 'scope' | 'domain'> & { readonly entryId?: string },
  keys: readonly string[],
): Promise<EntryRecord | undefined> {
  for (const matchKey of keys) {
    const [entry] = (await store.findEntries(scope, { domain, matchKey, limit: 1 })).items
    if (entry !== undefined && entry.entryId !== entryId) return entry
  }
  return undefined
}

/**
 * Checks that no other entry has one of the match keys. The unique index compares only the stored one, and during a rotation
 * another entry can have the code of another key.
 *
 * @throws SlotTakenError
 */
export async function assertUnmatched(
  core: Core,
  entry: EntryRecord,
  keys: readonly string[],
): Promise<void> {
  const other = await findByKey(core, entry, keys)
  if (other !== undefined) throw new SlotTakenError('exclusive', other.entryId)
}

/**
 * Computes the match keys of existing entries again, once for each scope, key of the cipher, and integration with an address
 * or a secret in its match key. Releases before addresses had a normal form have stored a key per spelling. The code of a
 * secret may be of an earlier key of the cipher.
 *
 * @throws StoreError
 */
export async function replaceOldKeys(place: Place, current: string | undefined): Promise<void> {
  const { core, scope, compiled } = place
  const { domain, integration, schema } = compiled
  const isAddress = (field: string) => isAddressField(schema.shape[field] as z.ZodType)
  const hasOldKeys =
    integration.abortIfEntriesMatch?.some(isAddress) === true || matchedSecrets(compiled).length > 0
  if (!hasOldKeys || current === undefined) return
  const done = checked.get(core) ?? new Set()
  checked.set(core, done)
  // After a rotation, the codes of the former key are computed again.
  const name = JSON.stringify([scope, domain, keyIn(current)])
  if (done.has(name)) return
  let after: string | undefined
  do {
    const query = { domain, limit: PAGE_SIZE, ...(after !== undefined && { after }) }
    const page = await core.store.findEntries(scope, query)
    for (const entry of page.items) await replaceOldKey(place, entry, keyIn(current))
    after = page.next ?? undefined
  } while (after !== undefined)
  done.add(name)
}

/** Returns the part of a match key that names its key; empty if it is not a code. */
const keyIn = (matchKey: string): string =>
  matchKey.startsWith(MAC) ? matchKey.slice(0, matchKey.lastIndexOf(':') + 1) : ''

async function replaceOldKey(place: Place, entry: EntryRecord, key: string): Promise<void> {
  const { core, compiled } = place
  const { store, clock } = core
  let stored: EntryRecord | undefined = entry
  // A migration computes the key of an entry of another version.
  while (stored?.matchKey !== undefined && isReadable(stored) && stored.version === compiled.version) {
    const { scope, entryId, method, revision } = stored
    if (key !== '' && stored.matchKey.startsWith(key)) return
    const matchKey = await storedMatchKeyOf({ ...place, compiled: methodOf(compiled, method) }, stored)
    if (matchKey === undefined || matchKey === stored.matchKey) return
    const record = ownEntry({ ...stored, matchKey, revision: revision + 1, updatedAt: clock.now() })
    try {
      await store.apply(scope, [{ put: 'entry', record, ifRevision: revision }])
      return
    } catch (error) {
      // Both entries of a host that was linked twice remain, and the other one holds the key.
      if (isTaken(error, 'exclusive')) return
      if (!isConflict(error, 'entry')) throw error
      stored = await store.getEntry(scope, entryId)
    }
  }
}
