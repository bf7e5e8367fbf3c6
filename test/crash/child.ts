import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { bundledScript } from './bundled-script.ts'

/** The exit and the output of a child process. */
export interface Ended {
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts a script of bundled-script.ts in a separate process, by its name. `send` and `message` reach it. */
export async function startChild(name: string, ...args: readonly string[]): Promise<ChildProcess> {
  const path = await bundledScript(name)
  return spawn(process.execPath, [path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(path, '../compiled') },
  })
}

/** Resolves when a child has ended for any reason. */
export function ended(child: ChildProcess): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ signal, code, stdout, stderr }))
  })
}

/** Runs a script of bundled-script.ts to its end. */
export async function runChild(name: string, ...args: readonly string[]): Promise<Ended> {
  return ended(await startChild(name, ...args))
}
