import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')
const place = join(root, 'node_modules/.cache/test-scripts')
/** The time in which the bundles are built, in milliseconds. */
const PATIENCE = 60_000

/** The scripts that tests start again and again. */
const scripts = [
  ...['change', 'host', 'kill', 'migration', 'remove', 'rotate', 'sign-in', 'stop', 'token'].map(
    (name) => `crash/${name}`,
  ),
  ...['load', 'webhooks'].map((name) => `postgres/${name}`),
].map((name) => join(root, `test/${name}-child.ts`))

let building: Promise<string> | undefined

/** Returns the bundle of a script, such as `kill-child`. A process starts with it in a third of the time. */
export async function bundledScript(name: string): Promise<string> {
  building ??= bundles()
  return join(await building, `${name}.mjs`)
}

/** Returns the folder with the bundles of the current sources. The first test that needs them builds them. */
async function bundles(): Promise<string> {
  const folder = join(place, version())
  while (!existsSync(folder)) {
    if (claims(`${folder}.lock`)) await build(folder)
    else await setTimeout(50)
  }
  return folder
}

/** Names the current sources. */
function version(): string {
  const hash = createHash('sha256')
  for (const file of globSync(['{machines,src,test}/**/*.ts', 'package-lock.json'], { cwd: root }).sort()) {
    const { mtimeMs, size } = statSync(join(root, file))
    hash.update(`${file} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

/** Whether this process is the one that builds. */
function claims(lock: string): boolean {
  mkdirSync(place, { recursive: true })
  const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY
  // Its process was killed.
  if (Date.now() - made > PATIENCE) rmSync(lock, { recursive: true, force: true })
  try {
    mkdirSync(lock)
    return true
  } catch {
    return false
  }
}

async function build(folder: string): Promise<void> {
  const lock = `${folder}.lock`
  const made = join(lock, 'made')
  const child = join(import.meta.dirname, 'bundle-child.ts')
  try {
    // Another process has built them just now.
    if (existsSync(folder)) return
    for (const name of readdirSync(place))
      if (join(place, name) !== lock) rmSync(join(place, name), { recursive: true, force: true })
    await promisify(execFile)(process.execPath, [child, made, ...scripts])
    renameSync(made, folder)
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}
