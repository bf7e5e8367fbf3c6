import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, describe, expect, it } from '@jest/globals'
import { createCluster, temporaryFolder } from '../../scripts/postgres-server.ts'

const folder = temporaryFolder('server')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('startServer', () => {
  it('leaves no server behind if its process is killed', async () => {
    const data = join(folder, 'data')
    createCluster(data)
    const module = resolve(import.meta.dirname, '../../scripts/postgres-server.ts')
    const script = `
      import { startServer } from ${JSON.stringify(module)}
      const { pid } = await startServer(${JSON.stringify(data)})
      console.log(pid)
      setInterval(() => {}, 1_000)`
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script])
    const [line] = await once(child.stdout, 'data')
    const pid = Number(line)
    expect(isAlive(pid)).toBe(true)
    child.kill('SIGKILL')
    while (isAlive(pid)) await setTimeout(50)
  })
})
