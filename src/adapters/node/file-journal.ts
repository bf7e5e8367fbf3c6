import { createHash } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import * as z from 'zod'
import type { TokenJournal, UnsavedToken } from '../../ports/token-journal.ts'
import { driverCode } from './driver-code.ts'
import { syncFolder } from './sync-folder.ts'

const row: z.ZodType<UnsavedToken> = z.object({
  scope: z.string(),
  entryId: z.string(),
  replaces: z.string(),
  resealed: z.string().optional(),
  data: z.record(z.string(), z.json()),
  sealed: z.string(),
})

/**
 * Stores each refreshed token that could not be saved in its own file next to the database, readable only by its
 * owner.
 */
export function fileJournal(path: string): TokenJournal {
  const fileOf = (scope: string, entryId: string): string => {
    const name = createHash('sha256')
      .update(JSON.stringify([scope, entryId]))
      .digest('hex')
    return `${path}.unsaved-${name.slice(0, 32)}`
  }
  return {
    async put(token) {
      const file = fileOf(token.scope, token.entryId)
      const draft = `${file}.${process.pid}`
      const handle = await open(draft, 'w', 0o600)
      try {
        await handle.writeFile(JSON.stringify(token))
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(draft, file)
      await syncFolder(file)
    },
    async get(scope, entryId) {
      const text = await readFile(fileOf(scope, entryId), 'utf8').catch((error: unknown) => {
        if (driverCode(error, 'code') === 'ENOENT') return undefined
        throw error
      })
      if (text === undefined) return undefined
      const { data: token } = row.safeParse(parse(text))
      return token?.scope === scope && token.entryId === entryId ? token : undefined
    },
    remove: (scope, entryId) => rm(fileOf(scope, entryId), { force: true }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
