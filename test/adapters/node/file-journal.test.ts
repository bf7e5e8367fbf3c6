import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals'
import { fileJournal } from '../../../src/adapters/node/file-journal.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-journal-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('fileJournal', () => {
  const token = { scope: 'a/b', entryId: '..', replaces: 'old', data: { host: 'h' }, sealed: 'new' }
  let path = ''
  let round = 0
  beforeEach(() => {
    path = join(folder, `${++round}.db`)
  })
  const files = () => readdirSync(folder).filter((name) => name.startsWith(`${round}.db`))

  it('stores one token per entry, readable by other processes of its owner only', async () => {
    const journal = fileJournal(path)
    await journal.put({ ...token, sealed: 'older' })
    await journal.put(token)
    expect(await fileJournal(path).get('a/b', '..')).toEqual(token)
    expect(await journal.get('a', '..')).toBeUndefined()
    expect(files()).toHaveLength(1)
    expect(statSync(join(folder, files()[0] ?? '')).mode & 0o777).toBe(0o600)
  })

  it('deletes a token, also twice', async () => {
    const journal = fileJournal(path)
    await journal.put(token)
    await journal.remove('a/b', '..')
    await journal.remove('a/b', '..')
    expect([files(), await journal.get('a/b', '..')]).toEqual([[], undefined])
  })

  it.each(['', '{', '{"scope":"a/b"}', JSON.stringify({ ...token, scope: 'c' })])(
    'ignores a damaged file: %s',
    async (text) => {
      const journal = fileJournal(path)
      await journal.put(token)
      writeFileSync(join(folder, files()[0] ?? ''), text)
      expect(await journal.get('a/b', '..')).toBeUndefined()
    },
  )

  it('throws if it cannot read or write', async () => {
    const journal = fileJournal(join(folder, 'none', 'x.db'))
    await expect(journal.put(token)).rejects.toMatchObject({ code: 'ENOENT' })
    const blocked = fileJournal(`${path}\0`)
    await expect(blocked.get('a/b', '..')).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })
})
