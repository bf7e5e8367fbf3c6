import * as z from 'zod'
import type { AnyIntegration } from '../authoring/integration.ts'
import type { VersionValues } from '../authoring/migration.ts'
import { Secret, secret } from '../authoring/secret.ts'

/** An integration of an older version, as far as an entry of it goes: it asks no service, and any values fit. */
export const olderIntegration = (
  domain: string,
  version: number,
  { values, uniqueId }: { readonly values: VersionValues; readonly uniqueId: string | null },
): AnyIntegration => ({
  ...{ domain, version, title: domain },
  fields: z.object(
    Object.fromEntries(
      Object.entries(values).map(([field, value]) => [field, value instanceof Secret ? secret() : z.any()]),
    ),
  ),
  migrate: {},
  connect: async () => ({ client: null, uniqueId }),
})

/** The same values as a person would have typed them. */
export const inClear = (values: VersionValues): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(values).map(([field, value]) => [field, value instanceof Secret ? value.reveal() : value]),
  )
