import { once } from 'node:events'
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliPlace } from './cli-place.ts'

const root = resolve(import.meta.dirname, '../..')
const RIGHT = 'token-that-is-right'
const anna = { id: 'account-1', name: 'Anna' }

let place: CliPlace
beforeEach(async () => {
  place = await CliPlace.open()
})
afterEach(() => place.close())

interface Finding {
  readonly check: string
  readonly status: string
  readonly detail: string
}

/** What the doctor finds, by check. */
async function examine(...args: string[]) {
  const { code, document } = await place.json(['doctor', ...args])
  const findings = new Map((document.checks as Finding[]).map((finding) => [finding.check, finding]))
  const statuses = Object.fromEntries([...findings].map(([check, { status }]) => [check, status]))
  return { code, ok: document.ok, statuses, detail: (check: string) => findings.get(check)?.detail ?? '' }
}

describe('doctor', () => {
  it('finds nothing wrong where nothing is', async () => {
    await place.link(RIGHT, anna)
    const { code, ok, statuses, detail } = await examine('--connect')
    expect({ code, ok }).toEqual({ code: 0, ok: true })
    expect([...new Set(Object.values(statuses))]).toEqual(['ok'])
    expect(detail('node')).toBe(process.versions.node)
    expect(detail('rows')).toBe('1 entry, all readable.')
    expect((await place.run(['doctor'])).stdout).toMatch(/^ok {2}node {11}\d+\./)
  })

  it('finds the entry that needs a person once it has connected it', async () => {
    await place.link(RIGHT, anna)
    place.service.tokens.clear()
    expect(await examine()).toMatchObject({ code: 0 })
    const { code, statuses, detail } = await examine('--connect')
    expect(code).toBe(3)
    expect(statuses).toMatchObject({ rows: 'ok', attention: 'attention' })
    expect(detail('attention')).toContain('1 entry needs a person: 1 invalid_auth')
    expect(await examine()).toMatchObject({ code: 3 })
  })

  it('finds that the key is gone, once', async () => {
    await place.link(RIGHT, anna)
    rmSync(join(place.folder, 'latchkey.db.key'))
    const { code, statuses, detail } = await examine()
    expect(code).toBe(1)
    expect(statuses).toMatchObject({ store: 'ok', key: 'failed', rows: 'skipped', attention: 'skipped' })
    expect(detail('key')).toContain(`Put it back at ${join(place.folder, 'latchkey.db.key')}.`)
  })

  it('finds a database that is none', async () => {
    place.write('latchkey.db', 'This is no database, and long enough to be seen as none. '.repeat(20))
    const { code, statuses } = await examine()
    expect(code).toBe(1)
    expect(statuses).toMatchObject({ configuration: 'ok', store: 'failed', key: 'skipped' })
  })

  it('finds damaged rows, and entries whose integration is gone', async () => {
    const damaged = await place.link(RIGHT, anna)
    await place.link('another', { id: 'account-2', name: 'Bert' })
    const database = new DatabaseSync(join(place.folder, 'latchkey.db'))
    database.prepare(`update entries set record = '{' where entry_id = ?`).run(damaged)
    database.close()
    place.write('latchkey.config.ts', place.configuration('').replace('[myHub, ', '['))
    const { code, statuses, detail } = await examine()
    expect(code).toBe(1)
    expect(statuses).toMatchObject({ key: 'ok', rows: 'failed', integrations: 'failed' })
    expect(detail('rows')).toContain(damaged)
    expect(detail('integrations')).toContain('1 entry of my_hub')
    expect((await place.run(['list'])).stdout).toContain(`The entry ${damaged} is damaged`)
  })

  it('finds that there is no configuration, and skips what needs one', async () => {
    const { code, statuses } = await examine('--config', 'elsewhere.ts')
    expect(code).toBe(1)
    expect(statuses).toMatchObject({ node: 'ok', xstate: 'ok', configuration: 'failed', store: 'skipped' })
  })

  it('says which Node it takes, on one that reads no TypeScript', async () => {
    // As an older Node answers.
    place.write(
      'older.mjs',
      `import { registerHooks } from 'node:module'
       registerHooks({
         load(url, context, next) {
           if (!url.endsWith('latchkey.config.ts')) return next(url, context)
           throw Object.assign(new TypeError('Unknown'), { code: 'ERR_UNKNOWN_FILE_EXTENSION' })
         },
       })`,
    )
    const env = { NODE_OPTIONS: `--import=${join(place.folder, 'older.mjs')}` }
    const { code, document } = await place.json(['list'], { env })
    expect(code).toBe(2)
    expect(document.detail).toContain('Latchkey takes Node >=')
  })
})

describe('graph', () => {
  it.each([
    'config-flow',
    'options-flow',
    'subentry-flow',
    'config-entry',
    'authorization-code',
    'device-code',
    'token',
  ])('draws %s for Mermaid and as a picture', async (machine) => {
    const { stdout } = await place.run(['graph', machine])
    expect(stdout).toMatch(/^stateDiagram-v2\n/)
    const { code, document } = await place.json(['graph', machine, '--format', 'svg'])
    expect(code).toBe(0)
    expect(document).toMatchObject({ machine, format: 'svg', diagram: expect.stringContaining('<svg') })
  })
})

describe('serve', () => {
  it('serves the API to whoever has the address that it prints, until it is told to end', async () => {
    await place.link(RIGHT, anna)
    const { child, ran } = place.spawn(['serve', '--port', '0', '--json'])
    const [line] = await once(child.stdout, 'data')
    const { url } = JSON.parse(String(line))
    const { origin, hash, search } = new URL(url)
    expect(search).toBe('')
    const anonymous = await fetch(`${origin}/entries`)
    expect(anonymous.status).toBe(401)
    const headers = { authorization: `Bearer ${hash.slice(1)}` }
    const answer = await fetch(`${origin}/entries`, { headers })
    expect(await answer.json()).toMatchObject({ items: [{ title: 'Anna' }] })
    // A stream that is open does not keep it from ending.
    const stream = await fetch(`${origin}/events`, { headers: { ...headers, accept: 'text/event-stream' } })
    expect(stream.status).toBe(200)
    const drained = stream.text().catch(() => '')
    child.kill('SIGTERM')
    expect(await ran).toMatchObject({ code: 0, stdout: `${JSON.stringify({ url })}\n` })
    await drained
  })

  it('prints one line for people', async () => {
    const { child, ran } = place.spawn(['serve', '--port', '0', '--no-open'])
    await once(child.stdout, 'data')
    child.kill('SIGINT')
    const { code, stdout } = await ran
    expect(code).toBe(0)
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}\n$/)
  })

  it('says that a port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { code, document } = await place.json(['serve', '--port', String(port)])
    taken.close()
    expect(code).toBe(2)
    expect(document.detail).toContain(`${port} is taken`)
  })

  it('prints the public address, without a token, where the host says who may see it', async () => {
    const http = `http: { authorize: () => null, publicUrl: 'https://hub.example', basePath: '/links' },`
    place.write('latchkey.config.ts', place.configuration(`scope: 'acme', ${http}`))
    const { child, ran } = place.spawn(['serve', '--port', '0'])
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await ran).toMatchObject({ code: 0, stdout: 'https://hub.example/links/\n' })
  })

  it('prints the token too, where it is served under another name of this machine', async () => {
    place.write('latchkey.config.ts', place.configuration(`http: { publicUrl: 'http://localhost:8000' },`))
    const { child, ran } = place.spawn(['serve', '--port', '0'])
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    const { stdout } = await ran
    expect(stdout).toMatch(/^http:\/\/localhost:8000\/#[\w-]{43}\n$/)
  })

  it('is not served to others before the configuration says who may', async () => {
    place.write('latchkey.config.ts', place.configuration(`http: { publicUrl: 'https://hub.example' },`))
    expect(await place.json(['serve', '--port', '0'])).toMatchObject({
      code: 2,
      document: { code: 'CONFIGURATION', detail: expect.stringContaining('authorize') },
    })
  })

  it('does not serve another scope to whoever has the token', async () => {
    place.write('latchkey.config.ts', place.configuration(`scope: 'acme',`))
    expect(await place.json(['serve', '--port', '0'])).toMatchObject({
      code: 2,
      document: { code: 'CONFIG_INVALID', detail: expect.stringContaining('http.authorize') },
    })
  })
})

describe('the configuration', () => {
  const broken = (name: string, text: string, expected: string) => async () => {
    rmSync(join(place.folder, 'latchkey.config.ts'))
    place.write(name, text)
    const { code, document } = await place.json(['list'])
    expect({ code, problem: document.code }).toEqual({ code: 2, problem: 'CONFIG_INVALID' })
    expect(document.detail).toContain(expected)
  }

  it('is asked for where there is none', async () => {
    const nowhere = join(place.folder, 'nowhere')
    mkdirSync(nowhere)
    const found = await place.json(['list'], { directory: nowhere })
    expect(found).toMatchObject({ code: 2, document: { code: 'CONFIG_MISSING' } })
    const named = await place.json(['list', '--config', '../latchkey.config.ts'], { directory: nowhere })
    expect(named.code).toBe(0)
    const astray = await place.json(['list', '--config', 'astray.ts'])
    expect(astray).toMatchObject({ code: 2, document: { code: 'CONFIG_MISSING' } })
  })

  it('may be plain JavaScript', async () => {
    rmSync(join(place.folder, 'latchkey.config.ts'))
    place.write('latchkey.config.mjs', place.configuration())
    expect((await place.json(['list'])).code).toBe(0)
  })

  it('has to be exported', broken('latchkey.config.ts', 'export const config = {}', 'export default'))
  it('has to have a store', broken('latchkey.config.mjs', 'export default { integrations: [] }', '`store`'))
  it(
    'has to have integrations',
    broken('latchkey.config.js', 'export default { store: 1 }', '`integrations`'),
  )
  it('has to load', broken('latchkey.config.ts', `throw new Error('no luck')`, 'no luck'))

  it('has to name the scope where calls need one', async () => {
    place.write('latchkey.config.ts', place.configuration('scopes: true,'))
    const without = await place.json(['list'])
    expect(without).toMatchObject({ code: 2, document: { code: 'CONFIG_INVALID' } })
    place.write('latchkey.config.ts', place.configuration(`scopes: true, scope: 'acme',`))
    place.service.tokens.set(RIGHT, anna)
    const input = { host: place.service.host, apiToken: RIGHT }
    expect((await place.json(['add', 'my_hub', '--input', '-'], { input })).code).toBe(0)
    expect(await place.look(({ entries }) => entries.list())).toMatchObject({ items: [] })
    expect((await place.json(['list'])).document.entries).toMatchObject([{ scope: 'acme', title: 'Anna' }])
    expect((await examine()).detail('rows')).toBe('1 entry, all readable.')
  })
})

describe('a package that is not installed', () => {
  /** Runs a copy of this package beside which only some packages are. */
  async function runWith(packages: readonly string[], args: readonly string[]) {
    for (const part of ['src', 'machines', 'package.json']) {
      cpSync(join(root, part), join(place.folder, 'copy', part), { recursive: true })
    }
    for (const name of packages) {
      mkdirSync(join(place.folder, 'copy/node_modules', name, '..'), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), join(place.folder, 'copy/node_modules', name))
    }
    const main = join(place.folder, 'copy/src/cli/main.ts')
    return place.run(args, { main })
  }
  const needed = ['zod', 'xstate', 'jose', 'kysely', 'intl-messageformat', '@formatjs', 'commander']

  it('is named: the parser', async () => {
    const { code, stderr } = await runWith(needed.slice(0, -1), ['list'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'The command needs the package commander, which is not installed. Run: npm install commander\n',
    })
  })

  it('is named: the server, which other commands do without', async () => {
    const { code, stderr } = await runWith(needed, ['serve', '--port', '0'])
    expect(code).toBe(2)
    expect(stderr).toContain('npm install @hono/node-server')
    expect((await place.run(['list'], { main: join(place.folder, 'copy/src/cli/main.ts') })).code).toBe(0)
  })
})
