import type { AnyIntegration } from '../../authoring/integration.ts'
import { IntegrationError } from '../../errors.ts'

/** The migrations of an integration, or of a type of its sub-entries. */
interface Migrations<Step> {
  readonly version: number
  readonly migrate: { readonly [from: number]: Step } | undefined
  /** The type of the sub-entries; absent for the entries themselves. */
  readonly type?: string
}

/**
 * Returns the migration steps by source version. They can start at any version, but have no gap from there.
 *
 * @throws IntegrationError
 */
export function compileMigrations<Step>(
  integration: AnyIntegration,
  { version, migrate = {}, type }: Migrations<Step>,
): ReadonlyMap<number, Step> {
  const { domain } = integration
  const fail = (why: string): never => {
    const of = type === undefined ? '' : ` of the sub-entry type "${type}"`
    throw new IntegrationError(domain, `Integration "${domain}": ${why.replace('{of}', of)}`)
  }
  if ('migrateOptions' in integration)
    fail('migrateOptions is not supported. Return the options from migrate: { options: … }.')
  if (!Number.isSafeInteger(version) || version < 1)
    fail(`invalid version ${version}{of}. Use a whole number from 1.`)
  const froms = Object.keys(migrate).map(Number)
  for (const from of froms) {
    if (Number.isSafeInteger(from) && from >= 1 && from < version) continue
    fail(
      `invalid migration{of} from version ${from}. Use whole numbers from 1 that are lower than the current version, ${version}.`,
    )
  }
  const chain = new Map<number, Step>()
  if (froms.length === 0 && version > 1)
    fail(`version ${version}{of} has no migration. Add migrate: { ${version - 1}: … }, or remove version.`)
  for (let from = Math.min(...froms); from < version; from++) {
    const step = migrate[from]
    if (step === undefined)
      fail(
        `the migration{of} from version ${from} to ${from + 1} is missing. Add one for each version before ${version}.`,
      )
    else chain.set(from, step)
  }
  return chain
}
