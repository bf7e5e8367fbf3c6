import type { DatabaseSync } from 'node:sqlite'
import type { Cursors } from '../../ports/cursors.ts'
import { asStoreError } from './as-store-error.ts'
import type { GroupCommit } from './group-commit.ts'
import { prepare, sqliteQueries } from './prepared.ts'

/** The statements of cursors for an open database. */
type SqliteCursorStatements = ReturnType<typeof sqliteCursorStatements>

/** Prepares the statements of cursors. */
export function sqliteCursorStatements(database: DatabaseSync) {
  const db = sqliteQueries()
  const values = { name: '', position: 0 }
  return {
    get: prepare(database, db.selectFrom('cursors').select('position').where('name', '=', '')),
    insert: prepare(
      database,
      db
        .insertInto('cursors')
        .values(values)
        .onConflict((conflict) => conflict.doNothing()),
    ),
    move: prepare(
      database,
      db.updateTable('cursors').set({ position: 0 }).where('name', '=', '').where('position', '=', 0),
    ),
  }
}

/** An open database, as cursors need it. */
interface CursorSession {
  readonly statements: { readonly cursors: SqliteCursorStatements }
  readonly commits: GroupCommit
}

/** The cursors of a database file. */
export class SqliteCursors implements Cursors {
  readonly #session: () => CursorSession

  constructor(session: () => CursorSession) {
    this.#session = session
  }

  async get(name: string): Promise<number | null> {
    const { cursors } = this.#session().statements
    try {
      return cursors.get.get(name)?.position ?? null
    } catch (error) {
      throw asStoreError(error)
    }
  }

  async move(name: string, from: number | null, to: number): Promise<boolean> {
    const { commits, statements } = this.#session()
    const { cursors } = statements
    let changes = 0
    try {
      await commits.submit(() => {
        changes = from === null ? cursors.insert.run(name, to) : cursors.move.run(to, name, from)
      })
    } catch (error) {
      throw asStoreError(error)
    }
    return changes === 1
  }
}
