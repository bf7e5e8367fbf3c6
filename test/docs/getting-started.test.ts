import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

const root = resolve(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guides/getting-started.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'getting-started-'))

/** Each block of commands that is followed by its output. */
const steps = [...guide.matchAll(/^```sh\n([^`]*?)```\n\n```text\n(.*?)^```/gms)].map(
  ([, commands = '', output = '']) => ({ commands: commands.trim().split('\n'), output }),
)

let hub: ChildProcess
let env: NodeJS.ProcessEnv

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

beforeAll(async () => {
  const port = await freePort()
  env = { ...process.env, PORT: String(port) }
  hub = spawn(process.execPath, [join(root, 'examples/getting-started/hub.ts')], { env })
  await once(hub.stdout as NodeJS.ReadableStream, 'data')
})

afterAll(() => {
  hub.kill()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a command of the guide, with the scripts of this repository and the port of the test. */
function run(command: string): string {
  const shell = command
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${env.PORT}`)
    .replace(/\bnode (\S+\.ts)/, `'${process.execPath}' '${join(root, 'examples/getting-started')}/$1'`)
    .replace('curl ', 'curl -s ')
  return execFileSync('sh', ['-c', shell], { cwd: folder, env, encoding: 'utf8' })
}

describe('docs/guides/getting-started.md', () => {
  it('has four commands whose output it shows', () => {
    expect(steps.map(({ commands }) => commands.length)).toEqual([1, 3, 4])
  })

  it.each(steps)('prints the documented output of $commands', ({ commands, output }) => {
    expect(commands.map(run).join('')).toBe(output)
  })

  it('ends with an entry that the command line lists', () => {
    const config = join(root, 'examples/getting-started/latchkey.config.ts')
    const cli = [join(root, 'src/cli/main.ts'), 'list', '--json', '--config', config]
    const { entries } = JSON.parse(execFileSync(process.execPath, cli, { cwd: folder, encoding: 'utf8' }))
    expect(entries).toMatchObject([{ title: 'Living room', domain: 'my_hub', reauth: null }])
  })
})
