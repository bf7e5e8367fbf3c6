import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createClient, type LatchkeyClient } from '../../src/client/index.ts'
import { eventually } from './eventually.ts'

const root = resolve(import.meta.dirname, '../..')
const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** Runs the example like `npm run start:cluster`, with lines that a user types. */
async function start() {
  const child = spawn(process.execPath, ['examples/two-processes/main.ts', '--port', '0', '--no-open'], {
    cwd: root,
  })
  const closed = once(child, 'close')
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  stops.push(async () => {
    // It stops PostgreSQL.
    child.kill('SIGTERM')
    await closed
  })
  const printed = async (pattern: RegExp): Promise<string> => {
    await eventually(() => expect(output.stdout).toMatch(pattern))
    return pattern.exec(output.stdout)?.[1] ?? ''
  }
  const type = (line: string) => child.stdin.write(`${line}\n`)
  const { origin, hash } = new URL(await printed(/^Latchkey: (\S+)$/m))
  const client = createClient({ url: origin, token: () => hash.replace('#token=', '') })
  return { child, closed, output, printed, type, client }
}

const stateOf = async ({ entries }: LatchkeyClient, entryId: string) => (await entries.get(entryId)).state

describe('npm run start:cluster', () => {
  it('finishes a reauthentication in one host after the other was killed in the middle of it', async () => {
    const { client, closed, child, output, printed, type } = await start()
    const host = await printed(/host (127\.0\.0\.1:\d+), API token/)
    const first = await printed(/API token (token-\w+)/)
    const setup = await client.flows.start({ domain: 'my_hub', source: 'user' })
    const linked = await client.flows.submit(setup, { host, apiToken: first })
    const entryId = linked.entryId ?? ''
    expect(linked).toMatchObject({ type: 'create_entry' })

    type('revoke')
    const apiToken = await printed(/has a new API token: (token-\w+)/)
    await eventually(async () => expect(await stateOf(client, entryId)).toBe('reauth_required'))
    const form = await client.entries.reauth(entryId)
    const lost = client.flows.submit(form, { apiToken }).catch((error: Error) => error)
    const working = await printed(new RegExp(`host ([12]): POST \\S*${form.flowId}\\S*`))
    // The host waits for the device.
    await eventually(async () =>
      expect(await client.flows.get(form.flowId)).toMatchObject({ type: 'progress' }),
    )
    type(working)
    await printed(new RegExp(`host ${working}: ended \\((SIGKILL)\\)`))
    expect(await lost).toBeInstanceOf(Error)

    await eventually(async () => expect(await client.flows.get(form.flowId)).toMatchObject({ type: 'form' }))
    const again = await client.flows.get(form.flowId)
    if (again.type !== 'form') throw new Error('The flow is not at its form.')
    const end = await client.flows.submit(again, { apiToken })
    expect(end).toMatchObject({ reason: 'reauth_successful', success: true, entryId })
    await eventually(async () => expect(await stateOf(client, entryId)).toBe('loaded'))

    type(working)
    await printed(new RegExp(`host ${working}: ended[\\s\\S]*(host ${working}: started)`))
    // Both hosts answer in turn.
    await eventually(async () => {
      for (let call = 0; call < 4; call++) expect(await stateOf(client, entryId)).toBe('loaded')
    })
    child.kill('SIGTERM')
    expect(await closed).toEqual([0, null])
    expect(output.stderr).toBe('')
  })

  it('lists the lines that it understands', async () => {
    const { type, printed } = await start()
    type('help')
    await printed(/(Type "revoke", "1" or "2"\.)/)
  })
})
