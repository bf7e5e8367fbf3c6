import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { readToken } from '../../src/cli/token-file.ts'
import { CliSandbox } from './cli-sandbox.ts'

let sandbox: CliSandbox
let file: string
beforeEach(async () => {
  sandbox = await CliSandbox.open()
  file = join(sandbox.folder, 'latchkey.db.token')
})
afterEach(() => sandbox.close())

const TOKEN = 'k'.repeat(43)

/** Runs `serve` until it has printed its URL, and calls `work` with it. */
async function serving<Result>(
  args: readonly string[],
  work: (url: URL) => Promise<Result>,
): Promise<Result> {
  const { child, ran } = sandbox.spawn(['serve', '--port', '0', '--json', ...args])
  const [line] = await Promise.race([
    once(child.stdout, 'data'),
    ran.then(({ stderr }) => {
      throw new Error(stderr)
    }),
  ])
  const result = await work(new URL(JSON.parse(String(line)).url))
  child.kill('SIGTERM')
  await ran
  return result
}

const statusOf = async (origin: string, token: string): Promise<number> =>
  (await fetch(`${origin}/entries`, { headers: { authorization: `Bearer ${token}` } })).status

describe('serve with a token file', () => {
  it('keeps the key of open pages across restarts, until the file is deleted', async () => {
    const before = await serving(['--token-file'], async ({ hash }) => hash.slice(1))
    expect(readFileSync(file, 'utf8')).toBe(`${before}\n`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await serving(['--token-file'], ({ origin }) => statusOf(origin, before))).toBe(200)
    rmSync(file)
    expect(await serving(['--token-file'], ({ origin }) => statusOf(origin, before))).toBe(401)
    expect(readFileSync(file, 'utf8')).not.toBe(`${before}\n`)
  })

  it('uses the given path, relative to the folder of the command', async () => {
    const token = await serving(['--token-file', 'page.token'], async ({ hash }) => hash.slice(1))
    expect(readFileSync(join(sandbox.folder, 'page.token'), 'utf8')).toBe(`${token}\n`)
    expect(readdirSync(sandbox.folder).filter((name) => name.includes('token'))).toEqual(['page.token'])
  })

  const write =
    (text: string, mode = 0o600) =>
    () => {
      writeFileSync(file, text)
      chmodSync(file, mode)
    }
  it.each<[string, () => void, string]>([
    ['empty', write(''), 'is empty. Delete it, and the next start creates a new one.'],
    ['blank', write(' \n'), 'is empty.'],
    ['too short', write('k'.repeat(31)), 'less than 32 characters'],
    ['of two lines', write(`${TOKEN}\n${TOKEN}`), 'has an invalid token. Delete it'],
    ['not ASCII', write('ü'.repeat(40)), 'has an invalid token.'],
    ['too large', write('k'.repeat(2_000)), 'is too large'],
    ['readable by the group', write(TOKEN, 0o640), 'can be read or changed by other users. Delete it'],
    ['readable by all', write(TOKEN, 0o604), 'can be read or changed by other users.'],
    ['writable by the group', write(TOKEN, 0o620), 'can be read or changed by other users.'],
    ['a folder', () => mkdirSync(file), 'is a folder. Pass the path of a file.'],
    [
      'a link',
      () => symlinkSync(join(sandbox.folder, 'package.json'), file),
      'is a link. Pass the path of the file',
    ],
    ['a link to nothing', () => symlinkSync(join(sandbox.folder, 'nothing'), file), 'is a link.'],
  ])(
    'refuses a file that is %s before the port opens, and does not quote it',
    async (_, prepare, problem) => {
      prepare()
      const taken = createServer().listen(0, '127.0.0.1')
      await once(taken, 'listening')
      const { port } = taken.address() as AddressInfo
      const { code, document, stdout, stderr } = await sandbox.json([
        ...['serve', '--port', String(port), '--token-file'],
      ])
      taken.close()
      expect({ code, problem: document.code }).toEqual({ code: 2, problem: 'TOKEN_FILE' })
      expect(document.detail).toContain(file)
      expect(document.detail).toContain(problem)
      expect(`${stdout}${stderr}`).not.toContain('kkkk')
      expect(readdirSync(sandbox.folder)).not.toContain('latchkey.db')
    },
  )

  it('is refused if its folder does not exist', async () => {
    const { code, document } = await sandbox.json(['serve', '--port', '0', '--token-file', 'no/where.token'])
    expect({ code, problem: document.code }).toEqual({ code: 2, problem: 'TOKEN_FILE' })
    expect(document.detail).toContain(`Create the folder ${join(sandbox.folder, 'no')} first.`)
  })

  it('is refused with http.authorize, which makes it useless', async () => {
    const http = `http: { authorize: () => null, publicUrl: 'https://hub.example' },`
    sandbox.write('latchkey.config.ts', sandbox.configuration(http))
    expect(await sandbox.json(['serve', '--port', '0', '--token-file'])).toMatchObject({
      code: 2,
      document: { code: 'USAGE', detail: expect.stringContaining('Remove --token-file') },
    })
    expect(readdirSync(sandbox.folder)).not.toContain('latchkey.db.token')
  })

  it('needs a path if the store is not a file', async () => {
    const store = `store: (await import('${join(import.meta.dirname, '../../src/index.ts')}')).memoryStore(),`
    sandbox.write('latchkey.config.ts', sandbox.configuration(store))
    expect(await sandbox.json(['serve', '--port', '0', '--token-file'])).toMatchObject({
      code: 2,
      document: { code: 'USAGE', detail: expect.stringContaining('--token-file ./latchkey.token') },
    })
  })
})

describe('a token file', () => {
  it('is created once by processes that start at the same time', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => readToken(file)))
    expect(new Set(tokens)).toEqual(new Set([readFileSync(file, 'utf8').trim()]))
    expect(readdirSync(sandbox.folder).filter((name) => name.includes('token'))).toEqual([
      'latchkey.db.token',
    ])
  })
})
