import type { Cursors } from '../../ports/cursors.ts'
import type { Session } from './session.ts'
import type { systemReads } from './system-reads.ts'

/** The cursors of a database. They belong to no scope. */
export class PostgresCursors implements Cursors {
  readonly #session: () => Session
  readonly #all: ReturnType<typeof systemReads>

  /** `session` throws a StoreError if the database is not open. */
  constructor(session: () => Session, all: ReturnType<typeof systemReads>) {
    this.#session = session
    this.#all = all
  }

  async get(name: string): Promise<number | null> {
    const [row] = await this.#session().system.run(this.#all.cursor(name))
    return row?.position ?? null
  }

  async move(name: string, from: number | null, to: number): Promise<boolean> {
    const { system } = this.#session()
    const query = from === null ? this.#all.addCursor(name, to) : this.#all.moveCursor(name, from, to)
    return (await system.run(query)).length === 1
  }
}
