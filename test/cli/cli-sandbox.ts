import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { myHub } from '../../examples/my-hub/my-hub.ts'
import { MyService } from '../../examples/my-hub/service.ts'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import type { Terminal } from '../../src/cli/command.ts'
import { runCli } from '../../src/cli/program.ts'
import { createLatchkey, type Latchkey } from '../../src/index.ts'
import { keyHub } from './key-hub.ts'
import { lockHub } from './lock-hub.ts'
import { pagesHub } from './pages-hub.ts'
import { vaultHub } from './vault-hub.ts'

const root = resolve(import.meta.dirname, '../..')

/** The arguments with which the shell runs `latchkey`. */
export const MAIN = join(root, 'src/cli/main.ts')

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: unknown
  readonly env?: Readonly<Record<string, string>>
  readonly directory?: string
  /** The path of another copy of the program. */
  readonly main?: string
}

/** A folder with a configuration, its database, and the service of its integration. */
export class CliSandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'))
  readonly service: MyService
  #isLoaded = false
  #isReconfigured = false

  private constructor(service: MyService) {
    this.service = service
    this.write('package.json', '{ "type": "module" }')
    this.write('latchkey.config.ts', this.configuration())
  }

  static async open(): Promise<CliSandbox> {
    return new CliSandbox(await MyService.start())
  }

  async close(): Promise<void> {
    await this.service.stop()
    rmSync(this.folder, { recursive: true })
  }

  /** The source of a configuration. */
  configuration(more = ''): string {
    return `
      import { defineConfig } from '${root}/src/cli/config.ts'
      import { sqliteStore } from '${root}/src/adapters/sqlite/sqlite-store.ts'
      import { myHub } from '${root}/examples/my-hub/my-hub.ts'
      import { followUpHub } from '${root}/test/cli/follow-up-hub.ts'
      import { lockHub } from '${root}/test/cli/lock-hub.ts'
      import { keyHub } from '${root}/test/cli/key-hub.ts'
      import { pagesHub } from '${root}/test/cli/pages-hub.ts'
      import { roomsHub } from '${root}/test/cli/rooms-hub.ts'
      import { vaultHub } from '${root}/test/cli/vault-hub.ts'
      export default defineConfig({
        integrations: [myHub, vaultHub, pagesHub, followUpHub, roomsHub, lockHub, keyHub],
        store: sqliteStore('${join(this.folder, 'latchkey.db')}'),
        ${more}
      })`
  }

  write(name: string, text: string): void {
    // A process imports a module once, so this one would use the configuration that it has imported.
    if (this.#isLoaded && name.startsWith('latchkey.config')) this.#isReconfigured = true
    writeFileSync(join(this.folder, name), text)
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'latin1')
  }

  /** Starts a command with pipes instead of a terminal. */
  spawn(args: readonly string[], { input, env = {}, directory = this.folder, main = MAIN }: RunOptions = {}) {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: directory,
      env: { ...cleanEnvironment(), ...env },
    })
    child.stdin.end(input === undefined ? '' : JSON.stringify(input))
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text) => {
      stdout += text
    })
    child.stderr.on('data', (text) => {
      stderr += text
    })
    const ran = new Promise<Ran>((done) => child.on('close', (code) => done({ code, stdout, stderr })))
    return { child, ran }
  }

  /** Runs a command in this process, or in a separate one if it needs that. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const isSeparate = options.main !== undefined || options.env?.NODE_OPTIONS !== undefined
    return isSeparate || this.#isReconfigured ? this.spawn(args, options).ran : this.#run(args, options)
  }

  async #run(args: readonly string[], options: RunOptions): Promise<Ran> {
    this.#isLoaded = true
    const [output, errors] = [new Written(), new Written()]
    const code = await runCli(args, { ...this.terminal(options), output, errors })
    return { code, stdout: output.text, stderr: errors.text }
  }

  /** A terminal that consists of pipes. */
  terminal({ input, env = {}, directory = this.folder }: RunOptions = {}): Terminal {
    return {
      input: Readable.from(input === undefined ? [] : [JSON.stringify(input)]),
      output: new Written(),
      errors: new Written(),
      env: { ...cleanEnvironment(), ...env },
      directory,
      signal: new AbortController().signal,
      interrupt: () => {},
    }
  }

  /** Runs a command with `--json`. Its output must be one JSON document. */
  async json(args: readonly string[], options?: RunOptions) {
    const { code, stdout, stderr } = await this.run([...args, '--json'], options)
    try {
      return { code, document: JSON.parse(stdout), stdout, stderr }
    } catch {
      throw new Error(`Not a JSON document (exit ${code}): ${stdout}\n${stderr}`)
    }
  }

  /** Links an account. @returns its entry's id */
  async link(token: string, account: { readonly id: string; readonly name: string }): Promise<string> {
    this.service.tokens.set(token, account)
    const input = { host: this.service.host, apiToken: token }
    const { code, document } = await this.json(['add', 'my_hub', '--input', '-'], { input })
    if (code !== 0) throw new Error(JSON.stringify(document))
    return document.entryId
  }

  /** Reads the store with a separate engine. */
  async look<Result>(work: (latchkey: Latchkey) => Promise<Result>): Promise<Result> {
    const store = sqliteStore(join(this.folder, 'latchkey.db'))
    const latchkey = await createLatchkey({
      integrations: [myHub, vaultHub, pagesHub, lockHub, keyHub],
      store,
    })
    try {
      return await work(latchkey)
    } finally {
      await latchkey.stop()
    }
  }
}

/** A stream that stores the written text. */
class Written extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk
    done()
  }
}

/** The environment without variables that preset fields. */
export function cleanEnvironment(): Record<string, string> {
  const variables = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !name.startsWith('LATCHKEY_') && name !== 'NODE_OPTIONS',
  )
  return { ...(Object.fromEntries(variables) as Record<string, string>), NO_COLOR: '1' }
}
