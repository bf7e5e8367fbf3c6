import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Hub, startHub } from '../../examples/home-hub/hub.ts'
import { pageFiles } from '../../src/adapters/node/page-files.ts'
import { createClient, type LatchkeyClient } from '../../src/client/index.ts'
import { eventually } from './eventually.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'home-hub-page-'))
const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

/** An empty page, because these tests check only the server. */
function blankPage() {
  const place = join(folder, 'page')
  mkdirSync(join(place, 'assets'), { recursive: true })
  writeFileSync(join(place, 'index.html'), '<!doctype html><title>Blank</title>')
  return pageFiles(place)
}

async function open(name: string) {
  const hub = await startHub({ database: join(folder, name), port: 0, page: blankPage() })
  stops.push(() => hub.stop())
  const { origin, hash } = new URL(hub.url)
  const token = hash.replace('#token=', '')
  const client = createClient({ url: origin, token: () => token })
  const example = async (method: string, path: string, bearer = token) => {
    const headers = { authorization: `Bearer ${bearer}` }
    const response = await fetch(`${origin}/example/${path}`, { method, headers })
    const text = await response.text()
    return { status: response.status, state: text === '' ? null : JSON.parse(text) }
  }
  return { hub, client, example }
}

async function add(client: LatchkeyClient, domain: string, input: object): Promise<string> {
  const form = await client.flows.start({ domain, source: 'user' })
  const end = await client.flows.submit(form, input)
  return end.entryId ?? ''
}

const stateOf = async ({ latchkey }: Hub, entryId: string) => (await latchkey.entries.get(entryId)).state

describe('the served home hub', () => {
  it('notices a new password at the broker, and is repaired with it', async () => {
    const { hub, client, example } = await open('mqtt.db')
    const { state } = await example('GET', 'state')
    const { address } = state.mqtt
    const [{ username, password }] = state.mqtt.accounts
    const entryId = await add(client, 'mqtt', { address, username, password })
    const changed = await example('POST', 'mqtt-password')
    expect(changed.state.mqtt.accounts[0].password).toBe('latchkey-2')
    await eventually(async () => expect(await stateOf(hub, entryId)).toBe('reauth_required'))
    const form = await client.entries.reauth(entryId)
    const end = await client.flows.submit(form, { username, password: 'latchkey-2' })
    expect(end).toMatchObject({ reason: 'reauth_successful', success: true, entryState: 'loaded' })
  })

  it('notices a revoked token of the device by polling, and rejects a token of another account', async () => {
    const { hub, client, example } = await open('device.db')
    const { device } = (await example('GET', 'state')).state
    const entryId = await add(client, 'my_hub', { host: device.host, apiToken: device.token })
    const { token } = (await example('POST', 'device-revoke')).state.device
    expect(token).not.toBe(device.token)
    await eventually(async () => expect(await stateOf(hub, entryId)).toBe('reauth_required'))
    const form = await client.entries.reauth(entryId)
    const wrong = await client.flows.submit(form, { apiToken: device.neighborsToken })
    expect(wrong).toMatchObject({ reason: 'wrong_account', success: false })
    const end = await client.flows.submit(await client.entries.reauth(entryId), { apiToken: token })
    expect(end).toMatchObject({ reason: 'reauth_successful', success: true })
  })

  it.each([
    ['mqtt-stop', 'mqtt-start'],
    ['device-stop', 'device-start'],
  ])('after %s no account can be linked, after %s one can', async (stop, start) => {
    const { client, example } = await open(`${stop}.db`)
    const { mqtt, device } = (await example('GET', 'state')).state
    const input = stop.startsWith('mqtt')
      ? { address: mqtt.address, username: 'bob', password: 'latchkey' }
      : { host: device.host, apiToken: device.token }
    const form = await client.flows.start({
      domain: stop.startsWith('mqtt') ? 'mqtt' : 'my_hub',
      source: 'user',
    })
    await example('POST', stop)
    const failed = await client.flows.submit(form, input)
    expect(failed).toMatchObject({ type: 'form', errors: { base: { code: 'cannot_connect' } } })
    await example('POST', start)
    expect(await client.flows.submit({ ...form, revision: failed.revision }, input)).toMatchObject({
      success: true,
    })
  })

  it('reassigns accounts and undoes it', async () => {
    const { example } = await open('swap.db')
    const ids = ({
      state,
    }: {
      state: { mqtt: { accounts: { accountId: string }[] }; device: { accountId: string } }
    }) => [state.mqtt.accounts[0]?.accountId, state.device.accountId]
    const before = ids(await example('GET', 'state'))
    await example('POST', 'mqtt-swap')
    expect(ids(await example('POST', 'device-swap'))).toEqual(['account-9', 'hub-2'])
    await example('POST', 'mqtt-swap')
    expect(ids(await example('POST', 'device-swap'))).toEqual(before)
  })

  it('restores its services and loads its entries after a restart', async () => {
    const first = await open('again.db')
    const { device } = (await first.example('GET', 'state')).state
    const entryId = await add(first.client, 'my_hub', { host: device.host, apiToken: device.token })
    await first.hub.stop()
    const second = await open('again.db')
    expect((await second.example('GET', 'state')).state.device).toEqual(device)
    await eventually(async () => expect(await stateOf(second.hub, entryId)).toBe('loaded'))
  })

  it('rejects requests without the token, and unknown controls', async () => {
    const { example } = await open('closed.db')
    expect(await example('GET', 'state', 'guessed')).toEqual({ status: 401, state: null })
    expect(await example('POST', 'mqtt-password', '')).toEqual({ status: 401, state: null })
    expect(await example('POST', 'constructor')).toEqual({ status: 404, state: null })
    expect((await example('GET', 'state')).state.mqtt.accounts[0].password).toBe('latchkey')
  })
})

/** Runs the example like `npm start`. */
const start = (...args: string[]) => run('examples/home-hub/main.ts', ...args)

function run(...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, args, { cwd: root })
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  stops.push(() => child.kill('SIGKILL'))
  return { child, output, closed: once(child, 'close') as Promise<[number | null]> }
}

describe('npm start', () => {
  it('prints only the URL with its token, and ends on a signal', async () => {
    const { child, output, closed } = start('--port', '0', '--no-open', '--db', join(folder, 'started.db'))
    await eventually(() =>
      expect(output.stdout).toMatch(/^Latchkey: http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\n$/),
    )
    const url = new URL(output.stdout.slice('Latchkey: '.length).trim())
    expect(await (await fetch(`${url.origin}/health/live`)).json()).toEqual({ status: 'ok' })
    expect(statSync(join(folder, 'started.db.broker.json')).mode & 0o777).toBe(0o600)
    child.kill('SIGTERM')
    expect(await closed).toEqual([0, null])
    expect(output.stdout.split('\n')).toHaveLength(2)
    expect(output.stderr).toBe('')
  })

  it('reports a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    stops.push(() => server.close())
    const { port } = server.address() as { port: number }
    const { output, closed } = start('--port', String(port), '--no-open', '--db', join(folder, 'taken.db'))
    expect(await closed).toEqual([1, null])
    expect(output).toEqual({
      stdout: '',
      stderr: `Port ${port} is in use. Choose another one with --port, or a free one with --port 0.\n`,
    })
  })

  it('explains the next step if another one uses the same database', async () => {
    await open('twice.db')
    const { output, closed } = start('--port', '0', '--no-open', '--db', join(folder, 'twice.db'))
    expect(await closed).toEqual([1, null])
    expect(output.stderr).toMatch(/^Port \d+ of the simulated MQTT broker is in use.*--db other-hub\.db\n$/)
    expect(output.stdout).toBe('')
  })

  it('explains the next step if only the port of a device is in use', async () => {
    const { hub, example } = await open('device-port.db')
    const { device } = (await example('GET', 'state')).state
    await hub.stop()
    const port = Number(device.host.split(':')[1])
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    stops.push(() => server.close())
    await expect(open('device-port.db')).rejects.toThrow(`Port ${port} of the simulated device is in use`)
  })

  it.each([[['--nonsense']], [['--port', 'x']], [['--port', '70000']]])(
    'prints the usage for %j',
    async (args) => {
      const { output, closed } = start(...args)
      expect(await closed).toEqual([2, null])
      expect(output.stderr).toContain('npm start -- --no-open')
      expect(output.stderr).not.toContain('    at ')
    },
  )

  it('stores no secret of an entry unencrypted', () => {
    // The file of the simulated services contains valid credentials; the database does not.
    expect(readFileSync(join(folder, 'mqtt.db')).includes('latchkey-2')).toBe(false)
  })
})

describe('npm run start:oidc', () => {
  it('supports the same options, but saves nothing', async () => {
    const { child, output, closed } = run('examples/oidc/main.ts', '--port', '0', '--no-open')
    await eventually(() =>
      expect(output.stdout).toMatch(/^Latchkey: http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\n$/),
    )
    child.kill('SIGTERM')
    expect(await closed).toEqual([0, null])
    expect(output.stderr).toBe('')
    const refused = run('examples/oidc/main.ts', '--db', 'x.db')
    expect(await refused.closed).toEqual([2, null])
    expect(refused.output.stderr).toContain('Unknown option --db: this example saves nothing.')
  })

  it('stops the provider as well if the port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    stops.push(() => server.close())
    const { port } = server.address() as { port: number }
    const { output, closed } = run('examples/oidc/main.ts', '--port', String(port), '--no-open')
    expect(await closed).toEqual([1, null])
    expect(output.stderr).toBe(
      `Port ${port} is in use. Choose another one with --port, or a free one with --port 0.\n`,
    )
  })
})
