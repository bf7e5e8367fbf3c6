import { throwStoreError } from './as-store-error.ts'
import type { GroupCommit } from './group-commit.ts'
import type { SqliteStatements } from './statements.ts'

/** An open database, as the purge needs it. */
interface PurgeSession {
  readonly statements: Pick<SqliteStatements, 'audit'>
  readonly commits: GroupCommit
}

/** Deletes history rows from before a time, at most `limit`. Returns whether more may be left. @throws StoreError */
export async function purgeHistory(
  { statements: { audit }, commits }: PurgeSession,
  before: number,
  limit: number,
): Promise<boolean> {
  let deleted = 0
  const purge = () => {
    // A trigger refuses to delete younger rows.
    audit.retain.run(before)
    deleted = audit.purge.run(before, limit)
  }
  await commits.submit(purge).catch(throwStoreError)
  return deleted === limit
}
