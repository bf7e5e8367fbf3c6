import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createCluster, startServer, temporaryFolder } from '../../scripts/postgres-server.ts'
import { MyService } from '../my-hub/service.ts'
import { startFront } from './front.ts'
import type { HostSettings } from './host-main.ts'

interface ClusterOptions {
  /** The port of the page. 0 selects a free port. */
  readonly port: number
  /** Called with a line for each event of the processes. */
  readonly print: (line: string) => void
}

/** A running PostgreSQL, two hosts, and one address for both. */
export interface Cluster {
  /** URL of the page, with its token in the fragment. */
  readonly url: string
  /** Address and current API token of the device that users link. */
  readonly device: { readonly host: string; readonly token: string }
  /** Revokes the token of the device and creates a new one. */
  revokeToken(): void
  /** Kills a host as a crash does, or starts it if it does not run. */
  toggle(host: number): Promise<void>
  stop(): Promise<void>
}

const HOSTS = ['host 1', 'host 2']
/** The time that the device takes to check a token, so that you can kill a host that waits for it, in milliseconds. */
const CHECK_TIME = 4_000

/** Starts the cluster. If something fails, the started parts are stopped again. */
export async function startCluster({ port, print }: ClusterOptions): Promise<Cluster> {
  const stops: (() => unknown)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each()
  }
  try {
    const folder = temporaryFolder('cluster')
    stops.push(() => rm(folder, { recursive: true, force: true }))
    const device = await MyService.start()
    stops.push(() => device.stop())
    device.checkTime = CHECK_TIME
    const current = { host: device.host, token: '' }
    const revokeToken = () => {
      current.token = `token-${randomBytes(3).toString('hex')}`
      device.tokens.clear()
      device.tokens.set(current.token, { id: 'hub-1', name: 'Living room hub' })
    }
    revokeToken()

    const data = join(folder, 'postgres')
    createCluster(data)
    const server = await startServer(data)
    stops.push(() => server.stop())
    const hosts: (Host | null)[] = HOSTS.map(() => null)
    const front = await startFront({
      port,
      upstreams: () => HOSTS.map((name, at) => ({ name, port: hosts[at]?.port ?? null })),
      passed: (host, text) => print(`${host}: ${text}`),
    })
    stops.push(() => front.close())
    const url = `http://127.0.0.1:${front.port}`
    const token = randomBytes(32).toString('base64url')
    const settings: HostSettings = {
      database: server.url('postgres'),
      key: randomBytes(32).toString('base64'),
      token,
      url,
    }
    const start = async (at: number) => {
      const host = await startHost(settings)
      hosts[at] = host
      host.process.once('exit', (_, signal) => {
        hosts[at] = null
        print(`${HOSTS[at]}: ended${signal === null ? '' : ` (${signal})`}`)
      })
      print(`${HOSTS[at]}: started, process ${host.process.pid}`)
    }
    stops.push(async () => {
      await Promise.all(hosts.map((host) => host && end(host, 'SIGTERM')))
    })
    // One after the other: the first one creates the tables.
    for (const at of hosts.keys()) await start(at)
    return {
      url: `${url}/#token=${token}`,
      device: current,
      revokeToken,
      async toggle(at) {
        const host = hosts[at]
        if (host === undefined) return
        await (host === null ? start(at) : end(host, 'SIGKILL'))
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A process of host-main.ts. */
interface Host {
  readonly process: ChildProcess
  readonly port: number
}

async function startHost(settings: HostSettings): Promise<Host> {
  const child = fork(join(import.meta.dirname, 'host-main.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const started = once(child, 'message')
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('The host could not start.')))
  child.send(settings)
  const [port] = await Promise.race([started, ended])
  ended.catch(() => {})
  return { process: child, port: Number(port) }
}

async function end({ process: child }: Host, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
