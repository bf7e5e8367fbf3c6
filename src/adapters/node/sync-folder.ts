import { open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Syncs the folder of a new file, so that the file's name is on disk. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders. Its file systems have a journal of names.
  if (process.platform === 'win32') return
  const folder = await open(dirname(path))
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
