import { randomBytes } from 'node:crypto'
import { link, open, unlink } from 'node:fs/promises'
import { driverCode } from './driver-code.ts'
import { syncFolder } from './sync-folder.ts'

/** Writes a new file next to `path`, readable only by its owner. Returns its path. */
export async function writeDraft(path: string, text: string): Promise<string> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  return draft
}

/**
 * Creates a file that only its owner can read. It appears once, with its complete content.
 *
 * @returns false if the file exists. It is then not changed
 */
export async function createFile(path: string, text: string): Promise<boolean> {
  const draft = await writeDraft(path, text)
  try {
    // Unlike a rename, a link does not replace an existing file.
    await link(draft, path)
  } catch (error) {
    if (driverCode(error, 'code') === 'EEXIST') return false
    throw error
  } finally {
    await unlink(draft)
  }
  // Sync before the content is used.
  await syncFolder(path)
  return true
}
