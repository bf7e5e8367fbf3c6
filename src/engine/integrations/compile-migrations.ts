import type { AnyIntegration } from '../../authoring/integration.ts'
import type { MigrateOptionsStep, MigrateStep } from '../../authoring/migration.ts'
import { IntegrationError } from '../../errors.ts'

/** The migrations from one version to the next. A part that the version does not change is undefined. */
export interface MigrationStep {
  readonly values: MigrateStep | undefined
  readonly options: MigrateOptionsStep | undefined
}

/**
 * Returns the migration steps by source version. They can start at any version, but have no gap from there.
 *
 * @throws IntegrationError
 */
export function compileMigrations(
  { domain, migrate = {}, migrateOptions = {} }: AnyIntegration,
  version: number,
): ReadonlyMap<number, MigrationStep> {
  const froms = [...new Set([...Object.keys(migrate), ...Object.keys(migrateOptions)])].map(Number)
  for (const from of froms) {
    if (Number.isSafeInteger(from) && from >= 1 && from < version) continue
    throw new IntegrationError(
      domain,
      `Integration "${domain}": invalid migration from version ${from}. Use whole numbers from 1 that are lower than the current version, ${version}.`,
    )
  }
  const chain = new Map<number, MigrationStep>()
  if (froms.length === 0) {
    if (version === 1) return chain
    throw new IntegrationError(
      domain,
      `Integration "${domain}": version ${version} has no migration. Add migrate: { ${version - 1}: … }, or remove version.`,
    )
  }
  for (let from = Math.min(...froms); from < version; from++) {
    const step = { values: migrate[from], options: migrateOptions[from] }
    if (step.values === undefined && step.options === undefined) {
      throw new IntegrationError(
        domain,
        `Integration "${domain}": the migration from version ${from} to ${from + 1} is missing. Add one for each version before ${version}.`,
      )
    }
    chain.set(from, step)
  }
  return chain
}
