import { PgBoss, type SchemaDriftReport } from 'pg-boss'

/** Returns the problems of the tables of pg-boss, as sentences. Changes nothing. */
export async function problemsOf(url: string, schema: string): Promise<readonly string[]> {
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'latchkey doctor',
    schema,
    max: 1,
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: false,
    registerInstance: false,
  })
  // Calls that fail reject, too.
  boss.on('error', () => {})
  try {
    await boss.start()
    const parts = driftsOf(await boss.detectSchemaDrift())
    if (parts.length === 0) return []
    return [`The schema "${schema}" differs from that of this version of pg-boss: ${parts.join(', ')}.`]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [`pg-boss cannot use its schema "${schema}": ${reason}. The first start of a host creates it.`]
  } finally {
    await boss.stop({ graceful: false })
  }
}

/** Returns the names of the missing and the changed parts of a schema. */
function driftsOf(report: SchemaDriftReport): string[] {
  const { missingTables, missing, invalid, mismatched, missingFunctions, mismatchedFunctions } = report
  return [
    ...missingTables.map((table) => `the table ${table} is missing`),
    ...[...missing, ...invalid].map(({ name }) => `the index ${name} is missing`),
    ...missingFunctions.map(({ name }) => `the function ${name} is missing`),
    ...[...mismatched, ...mismatchedFunctions].map(({ name }) => `${name} has changed`),
    ...report.columnDrift.map(({ table }) => `the columns of ${table} have changed`),
    ...report.constraintDrift.map(({ table }) => `the constraints of ${table} have changed`),
    ...(report.enumDrift === null ? [] : [`the type ${report.enumDrift.name} has changed`]),
  ]
}
