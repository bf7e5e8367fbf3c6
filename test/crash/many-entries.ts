import { isDeepStrictEqual } from 'node:util'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { CannotConnectError, type EntryRecord, type Store } from '../../src/index.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import { entryRecord, put } from '../../src/testing/store-records.ts'
import { secondVersion } from '../engine/versions.ts'
import { loginOf } from './left-behind.ts'

const PAGE = 500
const scope = 'default'

/** The values of an entry in the first and in the second version. */
const loginIn = {
  first: (at: string) => ({ host: `host-${at}`, token: `token-${at}` }),
  second: (at: string) => ({ url: `https://host-${at}`, apiToken: `token-${at}` }),
}

/** The number of entries in each valid state. */
export interface Standing {
  /** As the first version wrote them. */
  readonly old: number
  /** In the second version, with the previous values of the first. */
  readonly migrated: number
  /** In the second version, which has set them up. */
  readonly proven: number
}

/** A service that knows the logins of so many entries; where some are away, every tenth cannot be reached. */
export function integrationOfMany(count: number, someAreAway: boolean) {
  const service = new ScriptedService()
  for (let at = 0; at < count; at++) service.accounts.set(`token-${at}`, `account-${at}`)
  const integration = secondVersion(service)
  const connect: typeof integration.connect = async (values, context) => {
    if (someAreAway && values.url.endsWith('0')) throw new CannotConnectError()
    return integration.connect(values, context)
  }
  return { ...integration, connect }
}

/** Writes so many entries of the first version. */
export async function writeMany(path: string, count: number): Promise<void> {
  const store = sqliteStore(path)
  await store.open()
  const all = Array.from({ length: count }, (_, at) => at)
  for (let first = 0; first < count; first += PAGE) {
    const records = await Promise.all(all.slice(first, first + PAGE).map((at) => firstVersion(store, at)))
    await store.apply(scope, records.map(put))
  }
  await store.close()
}

async function firstVersion({ cipher }: Store, at: number): Promise<EntryRecord> {
  const { host, token } = loginIn.first(String(at))
  const [entryId, uniqueId, domain, data] = [`entry-${at}`, `account-${at}`, 'scripted', { host }]
  const context = { purpose: 'entry', scope, id: entryId, domain, uniqueId, data } as const
  const sealed = (await cipher?.seal(JSON.stringify({ token }), context)) ?? ''
  return entryRecord({ scope, entryId, domain, uniqueId, data, sealed })
}

/** Checks every entry without the engine. @throws if one is damaged, duplicated or of another account */
export async function standingOf(path: string): Promise<Standing> {
  const store = sqliteStore(path)
  await store.open()
  const standing = { old: 0, migrated: 0, proven: 0 }
  try {
    for (let after: string | undefined, isLast = false; !isLast; ) {
      const page = await store.findEntries(scope, { limit: PAGE, ...(after !== undefined && { after }) })
      for (const where of await Promise.all(page.items.map((entry) => whereIs(store, entry))))
        standing[where]++
      isLast = page.next === null
      after = page.next ?? undefined
    }
    return standing
  } finally {
    await store.close()
  }
}

async function whereIs(store: Store, entry: EntryRecord): Promise<keyof Standing> {
  const { entryId, uniqueId, version, previous } = entry
  const at = entryId.slice('entry-'.length)
  const holds = async (row: EntryRecord, login: object) => isDeepStrictEqual(await loginOf(store, row), login)
  const first = loginIn.first(at)
  const isWhole =
    uniqueId === `account-${at}` && (await holds(entry, version === 1 ? first : loginIn.second(at)))
  if (isWhole && previous === undefined) return version === 1 ? 'old' : 'proven'
  const isKept =
    version === 2 && previous?.version === 1 && (await holds({ ...entry, ...previous } as EntryRecord, first))
  if (isWhole && isKept) return 'migrated'
  throw new Error(`${entryId} is not whole: ${JSON.stringify(entry)}`)
}
