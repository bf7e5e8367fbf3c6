import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/**
 * Opens a URL that contains a token in the browser. The URL is passed in a file that only the user can read, because
 * all users of the machine can read the arguments of a process.
 *
 * @returns a function that removes the file
 */
export async function openBrowser(url: string): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-'))
  const file = join(folder, 'open.html')
  const page = `<!doctype html><meta http-equiv="refresh" content="0;url=${url}"><title>Latchkey</title>\n`
  await writeFile(file, page, { mode: 0o600 })
  const [command, ...args] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(command, [...args, file], { stdio: 'ignore', detached: true })
  // Without a browser, the user can open the printed URL.
  child.on('error', () => {})
  child.unref()
  return () => rm(folder, { recursive: true, force: true })
}
