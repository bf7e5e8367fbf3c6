import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { createLatchkey } from '../../src/index.ts'
import { logins, mendedService } from './mended-service.ts'

/** A folder of databases: each a copy of an empty one, or of one with an entry that works with the old login. */
export class CrashPlace {
  readonly #folder = mkdtempSync(join(tmpdir(), 'latchkey-crash-'))
  #count = 0

  async prepare(): Promise<void> {
    const service = mendedService()
    for (const name of ['empty', 'linked']) {
      const store = sqliteStore(this.#path(name))
      const latchkey = await createLatchkey({ integrations: [service.integration], store })
      if (name === 'linked') {
        const form = await latchkey.flows.start({ domain: 'scripted', source: 'user' })
        await latchkey.flows.submit(form.flowId, logins.old, form)
      }
      await latchkey.stop()
    }
  }

  copy(of: 'empty' | 'linked'): string {
    const path = this.#path(String(++this.#count))
    for (const part of ['', '.key']) copyFileSync(this.#path(of) + part, path + part)
    return path
  }

  /** Forgets a database that was looked at. */
  drop(path: string): void {
    for (const part of ['', '.key', '-wal', '-shm']) rmSync(path + part, { force: true })
  }

  clear(): void {
    rmSync(this.#folder, { recursive: true })
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.db`)
  }
}
