import { once } from 'node:events'
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliSandbox } from './cli-sandbox.ts'

const root = resolve(import.meta.dirname, '../..')
const RIGHT = 'token-that-is-right'
const anna = { id: 'account-1', name: 'Anna' }

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

interface Finding {
  readonly check: string
  readonly status: string
  readonly detail: string
}

/** The findings of the doctor by check. */
async function examine(...args: string[]) {
  const { code, document } = await sandbox.json(['doctor', ...args])
  const findings = new Map((document.checks as Finding[]).map((finding) => [finding.check, finding]))
  const statuses = Object.fromEntries([...findings].map(([check, { status }]) => [check, status]))
  return { code, ok: document.ok, statuses, detail: (check: string) => findings.get(check)?.detail ?? '' }
}

describe('doctor', () => {
  it('finds no problems in a working installation', async () => {
    await sandbox.link(RIGHT, anna)
    const { code, ok, statuses, detail } = await examine('--connect')
    expect({ code, ok }).toEqual({ code: 0, ok: true })
    expect([...new Set(Object.values(statuses))]).toEqual(['ok'])
    expect(detail('node')).toBe(process.versions.node)
    expect(detail('rows')).toBe('1 entry, all readable.')
    expect((await sandbox.run(['doctor'])).stdout).toMatch(/^ok {2}node {11}\d+\./)
  })

  it('finds an entry that needs attention after connecting it', async () => {
    await sandbox.link(RIGHT, anna)
    sandbox.service.tokens.clear()
    expect(await examine()).toMatchObject({ code: 0 })
    const { code, statuses, detail } = await examine('--connect')
    expect(code).toBe(3)
    expect(statuses).toMatchObject({ rows: 'ok', attention: 'attention' })
    expect(detail('attention')).toContain('1 entry needs attention: 1 invalid_auth')
    expect(await examine()).toMatchObject({ code: 3 })
  })

  it('connects entries that otherwise connect at their first call', async () => {
    await sandbox.link(RIGHT, anna)
    sandbox.write('latchkey.config.ts', sandbox.configuration(`connect: 'lazy',`))
    const { document } = await sandbox.json(['list', '--connect'])
    expect(document.entries).toMatchObject([{ state: 'loaded' }])
    sandbox.service.tokens.clear()
    expect((await examine('--connect')).detail('attention')).toContain('1 entry needs attention')
  })

  it('reports a missing key only once', async () => {
    await sandbox.link(RIGHT, anna)
    rmSync(join(sandbox.folder, 'latchkey.db.key'))
    const { code, statuses, detail } = await examine()
    expect(code).toBe(1)
    expect(statuses).toMatchObject({ store: 'ok', key: 'failed', rows: 'skipped', attention: 'skipped' })
    expect(detail('key')).toContain(`there is no key file at ${join(sandbox.folder, 'latchkey.db.key')}.`)
  })

  it('finds a file that is not a database', async () => {
    sandbox.write('latchkey.db', 'This is not a database, and long enough to be detected. '.repeat(20))
    const { code, statuses } = await examine()
    expect(code).toBe(1)
    expect(statuses).toMatchObject({ configuration: 'ok', store: 'failed', key: 'skipped' })
  })

  it('finds damaged rows, and entries without an integration', async () => {
    const damaged = await sandbox.link(RIGHT, anna)
    await sandbox.link('another', { id: 'account-2', name: 'Bert' })
    const database = new DatabaseSync(join(sandbox.folder, 'latchkey.db'))
    database.prepare(`update entries set record = '{' where entry_id = ?`).run(damaged)
    database.close()
    sandbox.write('latchkey.config.ts', sandbox.configuration('').replace('[myHub, ', '['))
    const { code, statuses, detail } = await examine()
    expect(code).toBe(1)
    expect(statuses).toMatchObject({ key: 'ok', rows: 'failed', integrations: 'failed' })
    expect(detail('rows')).toContain(damaged)
    expect(detail('integrations')).toContain('1 entry of my_hub')
    expect((await sandbox.run(['list'])).stdout).toContain(`Entry ${damaged} is damaged`)
  })

  it('gives advice on damaged entries and flows that helps', async () => {
    const damaged = await sandbox.link(RIGHT, anna)
    const held = await sandbox.link('another', { id: 'account-2', name: 'Bert' })
    const flow = await sandbox.look(({ flows }) => flows.start({ source: 'reconfigure', entryId: held }))
    const database = new DatabaseSync(join(sandbox.folder, 'latchkey.db'))
    database.prepare(`update entries set record = '{' where entry_id = ?`).run(damaged)
    database.prepare(`update flows set record = replace(record, 'config-flow@1', 'config-flow@9')`).run()
    database.close()
    const found = await examine()
    expect(found).toMatchObject({ code: 1, statuses: { rows: 'failed' } })
    const advice = found.detail('rows')
    expect(advice).toContain(`Damaged entries: ${damaged}.`)
    expect(advice).toContain('latchkey remove <id>')
    expect(advice).toContain(`Flows that cannot be read: ${flow.flowId}.`)
    expect(advice).toContain('latchkey cancel <id>')
    expect((await sandbox.json(['remove', damaged])).document).toMatchObject({ code: 'USAGE' })
    const removed = await sandbox.json(['remove', damaged, '--yes'])
    expect(removed).toMatchObject({ code: 0, document: { removed: damaged } })
    expect(await sandbox.json(['cancel', flow.flowId])).toMatchObject({
      code: 0,
      document: { type: 'abort', reason: 'cancelled' },
    })
    expect(await sandbox.link(RIGHT, anna)).not.toBe(damaged)
    expect(await examine('--connect')).toMatchObject({ code: 0, statuses: { rows: 'ok' } })
    expect((await sandbox.json(['cancel', 'astray'])).code).toBe(4)
  })

  it('finds rows that no host has processed', async () => {
    await sandbox.look(({ flows }) => flows.start({ source: 'user', domain: 'my_hub' }))
    expect(await examine()).toMatchObject({ code: 0, statuses: { jobs: 'ok' } })
    const database = new DatabaseSync(join(sandbox.folder, 'latchkey.db'))
    database.prepare('update flows set due_at = ?').run(Date.now() - 90 * 60_000)
    database.close()
    const { code, statuses, detail } = await examine()
    expect({ code, status: statuses.jobs }).toEqual({ code: 3, status: 'attention' })
    expect(detail('jobs')).toContain('The oldest due row has waited for 90 minutes.')
  })

  it('reports the problems of the jobs', async () => {
    const jobs = `jobs: { start: async () => {}, stop: async () => {}, problems: async () => ['An index is missing.'] }`
    sandbox.write(
      'latchkey.config.ts',
      sandbox.configuration('').replace('integrations:', `${jobs}, integrations:`),
    )
    const { code, statuses, detail } = await examine()
    expect({ code, status: statuses.jobs }).toEqual({ code: 1, status: 'failed' })
    expect(detail('jobs')).toBe('An index is missing.')
  })

  it('finds that the configuration is missing, and skips the checks that need it', async () => {
    const { code, statuses } = await examine('--config', 'elsewhere.ts')
    expect(code).toBe(1)
    expect(statuses).toMatchObject({ node: 'ok', xstate: 'ok', configuration: 'failed', store: 'skipped' })
  })

  it('names the required version of Node if Node cannot load TypeScript', async () => {
    // Simulates an older Node.
    sandbox.write(
      'older.mjs',
      `import { registerHooks } from 'node:module'
       registerHooks({
         load(url, context, next) {
           if (!url.endsWith('latchkey.config.ts')) return next(url, context)
           throw Object.assign(new TypeError('Unknown'), { code: 'ERR_UNKNOWN_FILE_EXTENSION' })
         },
       })`,
    )
    const env = { NODE_OPTIONS: `--import=${join(sandbox.folder, 'older.mjs')}` }
    const { code, document } = await sandbox.json(['list'], { env })
    expect(code).toBe(2)
    expect(document.detail).toContain('Install Node >=')
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
    'webhook-receiver',
    'webhook-delivery',
  ])('prints %s as Mermaid and as SVG', async (machine) => {
    const { stdout } = await sandbox.run(['graph', machine])
    expect(stdout).toMatch(/^stateDiagram-v2\n/)
    const { code, document } = await sandbox.json(['graph', machine, '--format', 'svg'])
    expect(code).toBe(0)
    expect(document).toMatchObject({ machine, format: 'svg', diagram: expect.stringContaining('<svg') })
  })
})

describe('serve', () => {
  it('serves the API at the address that it prints, until it is interrupted', async () => {
    await sandbox.link(RIGHT, anna)
    const { child, ran } = sandbox.spawn(['serve', '--port', '0', '--json'])
    const [line] = await once(child.stdout, 'data')
    const { url } = JSON.parse(String(line))
    const { origin, hash, search } = new URL(url)
    expect(search).toBe('')
    const anonymous = await fetch(`${origin}/entries`)
    expect(anonymous.status).toBe(401)
    const headers = { authorization: `Bearer ${hash.slice(1)}` }
    const answer = await fetch(`${origin}/entries`, { headers })
    expect(await answer.json()).toMatchObject({ items: [{ title: 'Anna' }] })
    // An open stream must not delay the end.
    const stream = await fetch(`${origin}/events`, { headers: { ...headers, accept: 'text/event-stream' } })
    expect(stream.status).toBe(200)
    const drained = stream.text().catch(() => '')
    child.kill('SIGTERM')
    expect(await ran).toMatchObject({ code: 0, stdout: `${JSON.stringify({ url })}\n` })
    await drained
  })

  it('answers requests for stopDelay after a signal, but is not ready', async () => {
    sandbox.write('latchkey.config.ts', sandbox.configuration('http: { stopDelay: 1_500 },'))
    const { child, ran } = sandbox.spawn(['serve', '--port', '0', '--json'])
    const [line] = await once(child.stdout, 'data')
    const { origin } = new URL(JSON.parse(String(line)).url)
    const status = async (path: string) => (await fetch(`${origin}${path}`)).status
    while ((await status('/health/ready')) !== 200) await new Promise((resolve) => setImmediate(resolve))
    child.kill('SIGTERM')
    while ((await status('/health/ready')) !== 503) await new Promise((resolve) => setImmediate(resolve))
    expect(await status('/entries')).toBe(401)
    expect(await ran).toMatchObject({ code: 0 })
  })

  it('prints one line without --json', async () => {
    const { child, ran } = sandbox.spawn(['serve', '--port', '0', '--no-open'])
    await once(child.stdout, 'data')
    child.kill('SIGINT')
    const { code, stdout } = await ran
    expect(code).toBe(0)
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}\n$/)
  })

  it('reports a port that is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { code, document } = await sandbox.json(['serve', '--port', String(port)])
    taken.close()
    expect(code).toBe(2)
    expect(document.detail).toContain(`${port} is in use`)
  })

  it('prints the public URL without a token if the host authorizes requests', async () => {
    const http = `http: { authorize: () => null, publicUrl: 'https://hub.example', basePath: '/links' },`
    sandbox.write('latchkey.config.ts', sandbox.configuration(`scope: 'acme', ${http}`))
    const { child, ran } = sandbox.spawn(['serve', '--port', '0'])
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await ran).toMatchObject({ code: 0, stdout: 'https://hub.example/links/\n' })
  })

  it('prints the token also for another loopback name', async () => {
    sandbox.write(
      'latchkey.config.ts',
      sandbox.configuration(`http: { publicUrl: 'http://localhost:8000' },`),
    )
    const { child, ran } = sandbox.spawn(['serve', '--port', '0'])
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    const { stdout } = await ran
    expect(stdout).toMatch(/^http:\/\/localhost:8000\/#[\w-]{43}\n$/)
  })

  it('requires authorize for a public URL', async () => {
    sandbox.write('latchkey.config.ts', sandbox.configuration(`http: { publicUrl: 'https://hub.example' },`))
    expect(await sandbox.json(['serve', '--port', '0'])).toMatchObject({
      code: 2,
      document: { code: 'CONFIGURATION', detail: expect.stringContaining('authorize') },
    })
  })

  it('requires authorize for other scopes', async () => {
    sandbox.write('latchkey.config.ts', sandbox.configuration(`scope: 'acme',`))
    expect(await sandbox.json(['serve', '--port', '0'])).toMatchObject({
      code: 2,
      document: { code: 'CONFIG_INVALID', detail: expect.stringContaining('http.authorize') },
    })
  })
})

describe('the configuration', () => {
  const broken = (name: string, text: string, expected: string) => async () => {
    rmSync(join(sandbox.folder, 'latchkey.config.ts'))
    sandbox.write(name, text)
    const { code, document } = await sandbox.json(['list'])
    expect({ code, problem: document.code }).toEqual({ code: 2, problem: 'CONFIG_INVALID' })
    expect(document.detail).toContain(expected)
  }

  it('is required', async () => {
    const nowhere = join(sandbox.folder, 'nowhere')
    mkdirSync(nowhere)
    const found = await sandbox.json(['list'], { directory: nowhere })
    expect(found).toMatchObject({ code: 2, document: { code: 'CONFIG_MISSING' } })
    const named = await sandbox.json(['list', '--config', '../latchkey.config.ts'], { directory: nowhere })
    expect(named.code).toBe(0)
    const astray = await sandbox.json(['list', '--config', 'astray.ts'])
    expect(astray).toMatchObject({ code: 2, document: { code: 'CONFIG_MISSING' } })
  })

  it('can be JavaScript', async () => {
    rmSync(join(sandbox.folder, 'latchkey.config.ts'))
    sandbox.write('latchkey.config.mjs', sandbox.configuration())
    expect((await sandbox.json(['list'])).code).toBe(0)
  })

  it('must have a default export', broken('latchkey.config.ts', 'export const config = {}', 'export default'))
  it('must have a store', broken('latchkey.config.mjs', 'export default { integrations: [] }', '`store`'))
  it('must have integrations', broken('latchkey.config.js', 'export default { store: 1 }', '`integrations`'))
  it.each(['port: 70_000', 'port: "8124"', 'port: NaN', 'stopDelay: -1'])(
    'must have a valid %s',
    (member) => {
      const text = `export default { integrations: [], store: 1, http: { ${member} } }`
      return broken('latchkey.config.mjs', text, `\`http.${member.split(':')[0]}\` must be a whole number`)()
    },
  )
  it('must load', broken('latchkey.config.ts', `throw new Error('no luck')`, 'no luck'))

  it('must name the scope if calls require one', async () => {
    sandbox.write('latchkey.config.ts', sandbox.configuration('scopes: true,'))
    const without = await sandbox.json(['list'])
    expect(without).toMatchObject({ code: 2, document: { code: 'CONFIG_INVALID' } })
    sandbox.write('latchkey.config.ts', sandbox.configuration(`scopes: true, scope: 'acme',`))
    sandbox.service.tokens.set(RIGHT, anna)
    const input = { host: sandbox.service.host, apiToken: RIGHT }
    expect((await sandbox.json(['add', 'my_hub', '--input', '-'], { input })).code).toBe(0)
    expect(await sandbox.look(({ entries }) => entries.list())).toMatchObject({ items: [] })
    expect((await sandbox.json(['list'])).document.entries).toMatchObject([{ scope: 'acme', title: 'Anna' }])
    expect((await examine()).detail('rows')).toBe('1 entry, all readable.')
  })
})

describe('a missing package', () => {
  /** Runs a copy of this package with only some other packages. */
  async function runWith(packages: readonly string[], args: readonly string[]) {
    for (const part of ['src', 'machines', 'package.json']) {
      cpSync(join(root, part), join(sandbox.folder, 'copy', part), { recursive: true })
    }
    for (const name of packages) {
      mkdirSync(join(sandbox.folder, 'copy/node_modules', name, '..'), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), join(sandbox.folder, 'copy/node_modules', name))
    }
    const main = join(sandbox.folder, 'copy/src/cli/main.ts')
    return sandbox.run(args, { main })
  }
  const needed = ['zod', 'xstate', 'jose', 'kysely', 'intl-messageformat', '@formatjs', 'commander']

  it('is named: commander', async () => {
    const { code, stderr } = await runWith(needed.slice(0, -1), ['list'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'This command needs the package commander. Run: npm install commander\n',
    })
  })

  it('is named: the server, and other commands work without it', async () => {
    const { code, stderr } = await runWith(needed, ['serve', '--port', '0'])
    expect(code).toBe(2)
    expect(stderr).toContain('npm install @hono/node-server')
    expect((await sandbox.run(['list'], { main: join(sandbox.folder, 'copy/src/cli/main.ts') })).code).toBe(0)
  })
})
