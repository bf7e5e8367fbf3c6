import * as z from 'zod'
import type { AnyIntegration } from '../authoring/integration.ts'
import type { VersionValues } from '../authoring/migration.ts'
import { Secret, secret } from '../authoring/secret.ts'

/**
 * An older version of an integration, for creating entries of that version. It accepts any values without connecting.
 */
export const olderIntegration = (
  domain: string,
  version: number,
  { values, uniqueId }: { readonly values: VersionValues; readonly uniqueId: string | null },
): AnyIntegration => ({
  domain,
  version,
  title: domain,
  fields: z.object(
    Object.fromEntries(
      Object.entries(values).map(([field, value]) => [field, value instanceof Secret ? secret() : z.any()]),
    ),
  ),
  migrate: {},
  connect: async () => ({ client: null, uniqueId }),
})

/** Returns the values as a user would submit them. */
export const inClear = (values: VersionValues): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(values).map(([field, value]) => [field, value instanceof Secret ? value.reveal() : value]),
  )
