import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import { logins } from './mended-service.ts'

/** A service that is informed of removals. It writes their tokens to a file, because its host is killed. */
export class InformedService extends ScriptedService {
  readonly #file: string

  /**
   * @param folder - has a file for each database
   * @param database - a path or a URL
   * @param pass - called before and after the service knows of a removal, while the integration informs it
   */
  constructor(folder: string, database: string, pass: () => void = () => {}) {
    const file = join(folder, `${basename(database)}.informed`)
    super({
      onRemove: async ({ token }) => {
        pass()
        appendFileSync(file, `${token.reveal()}\n`)
        pass()
      },
    })
    this.#file = file
    this.accounts.set(logins.old.token, 'account')
  }

  /** The tokens of the removals, oldest first. */
  get informed(): readonly string[] {
    if (!existsSync(this.#file)) return []
    return readFileSync(this.#file, 'utf8').trim().split('\n')
  }
}
