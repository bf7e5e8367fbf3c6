import type { AnyIntegration } from '../../authoring/integration.ts'
import type { MigrateOptionsStep, MigrateStep } from '../../authoring/migration.ts'
import { IntegrationError } from '../../errors.ts'

/** From one version to the next; what a version has not changed has no step. */
export interface MigrationStep {
  readonly values: MigrateStep | undefined
  readonly options: MigrateOptionsStep | undefined
}

/**
 * The chain that leads to an integration's version. It may begin at any version, and has no gap from there on.
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
      `The integration ${domain} has a migration from version ${from}, but its version is ${version}. Give one for each version before it.`,
    )
  }
  const chain = new Map<number, MigrationStep>()
  if (froms.length === 0) return chain
  for (let from = Math.min(...froms); from < version; from++) {
    const step = { values: migrate[from], options: migrateOptions[from] }
    if (step.values === undefined && step.options === undefined) {
      throw new IntegrationError(
        domain,
        `The integration ${domain} has no migration from version ${from} to ${from + 1}. Give one for each version before ${version}.`,
      )
    }
    chain.set(from, step)
  }
  return chain
}
