import { open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Puts the name of a new file on disk. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders; its file systems keep a journal of names instead.
  if (process.platform === 'win32') return
  const folder = await open(dirname(path))
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
