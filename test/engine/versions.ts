import * as z from 'zod'
import { defineIntegration } from '../../src/authoring/integration.ts'
import type { EntryVersion } from '../../src/authoring/migration.ts'
import { type Secret, secret } from '../../src/authoring/secret.ts'
import type { EntryRecord, Store } from '../../src/ports/store.ts'
import type { ScriptedService } from '../../src/testing/scripted-service.ts'

const fields = z.object({ url: z.string().startsWith('https://'), apiToken: secret() })

/** The scripted service's integration after its fields were renamed, with the step that brings entries there. */
export function secondVersion(service: ScriptedService, migrate = renamed) {
  return defineIntegration({
    domain: 'scripted',
    title: 'Scripted',
    version: 2,
    fields,
    migrate: { 1: migrate },
    challenges: { otp: z.object({ code: secret() }) },
    connect: ({ url, apiToken: token }, context) => {
      const first = { host: url.slice('https://'.length), token }
      return service.integration.connect(first, { ...context, stored: async () => first })
    },
  })
}

const renamed = ({
  values: { host, token },
}: EntryVersion<{ host: string; token: Secret }>): {
  values: { url: string; apiToken: Secret | string }
} => ({ values: { url: `https://${host}`, apiToken: token } })

/** An entry's row, which is there. */
export async function rowOf(store: Store, entryId: string): Promise<EntryRecord> {
  const row = await store.getEntry('default', entryId)
  if (row === undefined) throw new Error('There is no entry.')
  return row
}

/** The members of an entry that a migration changes and a rollback restores. */
export const restorePointOf = ({ version, data, sealed, options, uniqueId }: EntryRecord) => ({
  version,
  data,
  sealed,
  options,
  uniqueId,
})
