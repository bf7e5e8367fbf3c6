import { type ChildProcess, spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The exit and the output of a child process. */
export interface Ended {
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts a script of this folder, or a bundle, in a separate process. `send` and `message` reach it. */
export function startChild(script: string, ...args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url))
  // The cache of a bundle is removed with the bundle.
  const cache = path.endsWith('.mjs') && { NODE_COMPILE_CACHE: dirname(path) }
  return spawn(process.execPath, [path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', ...cache },
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

/** Runs a script of this folder, or a bundle, to its end. */
export function runChild(script: string, ...args: readonly string[]): Promise<Ended> {
  return ended(startChild(script, ...args))
}
