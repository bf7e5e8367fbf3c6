import { afterAll, describe, expect, it } from '@jest/globals'
import type { Store } from '../../../src/ports/store.ts'
import { auditRow, write } from '../../../src/testing/store-records.ts'
import { sqlitePlace } from './sqlite-place.ts'

const place = sqlitePlace()
afterAll(place.clear)

/** A store, and another process's on the same file. */
async function shared() {
  const path = place.path()
  return { mine: await place.open(path), theirs: await place.open(path) }
}

const append = async (store: Store, ...kinds: string[]) => {
  for (const kind of kinds) await write(store, { audit: auditRow({ kind }) })
}

/** Reads on from a mark. */
async function read(store: Store, since: string | null) {
  const found = await store.readElsewhere?.('home', since)
  return { mark: found?.mark ?? '', kinds: found?.rows.map(({ kind }) => kind) }
}

describe('readElsewhere', () => {
  it('starts with the next change', async () => {
    const { mine, theirs } = await shared()
    await append(theirs, 'old')
    const begun = await read(mine, null)
    expect(begun.kinds).toEqual([])
    expect((await read(mine, begun.mark)).kinds).toEqual([])
    await append(theirs, 'new')
    expect((await read(mine, begun.mark)).kinds).toEqual(['new'])
  })

  it('says nothing of what this process writes, until another has written too, and everything once', async () => {
    const { mine, theirs } = await shared()
    const begun = await read(mine, null)
    await append(mine, 'mine')
    const quiet = await read(mine, begun.mark)
    expect(quiet.kinds).toEqual([])
    await append(theirs, 'theirs')
    const told = await read(mine, quiet.mark)
    expect(told.kinds).toEqual(['mine', 'theirs'])
    expect((await read(mine, told.mark)).kinds).toEqual([])
  })

  it('says more than fits at once in parts', async () => {
    const { mine, theirs } = await shared()
    const begun = await read(mine, null)
    await theirs.apply(
      'home',
      Array.from({ length: 1_500 }, () => ({ audit: auditRow() })),
    )
    const first = await read(mine, begun.mark)
    expect(first.kinds).toHaveLength(1_000)
    const second = await read(mine, first.mark)
    expect(second.kinds).toHaveLength(500)
    expect((await read(mine, second.mark)).kinds).toEqual([])
  })

  it('continues after the whole history was purged', async () => {
    const { mine, theirs } = await shared()
    await append(theirs, 'old', 'old', 'old')
    const begun = await read(mine, null)
    await theirs.purgeAudit(Number.MAX_SAFE_INTEGER, 100)
    const emptied = await read(mine, begun.mark)
    expect(emptied.kinds).toEqual([])
    await append(theirs, 'new')
    expect((await read(mine, emptied.mark)).kinds).toEqual(['new'])
  })
})
