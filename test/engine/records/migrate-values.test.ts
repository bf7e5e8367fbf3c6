import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration, type IntegrationSpec } from '../../../src/authoring/integration.ts'
import { Secret, secret } from '../../../src/authoring/secret.ts'
import { compileIntegrations } from '../../../src/engine/integrations/compile.ts'
import { MigrationFailedError, migrateValues } from '../../../src/engine/records/migrate-values.ts'

type Changes = Partial<Pick<IntegrationSpec, 'version' | 'migrate' | 'migrateOptions' | 'options'>>
const connect = async () => ({ client: null, uniqueId: null })

function compiled(changes: Changes, fields: z.ZodObject = z.object({ url: z.url(), key: secret() })) {
  const spec = defineIntegration({ domain: 'hub', title: 'Hub', fields, connect })
  const [only] = compileIntegrations([{ ...spec, ...changes }]).values()
  if (only === undefined) throw new Error('There is one.')
  return only
}

const old = {
  version: 1,
  data: { host: 'h', user: 'ann' },
  secrets: { password: 'secret-1' },
  options: { every: 5 },
}
const good = { url: 'https://h', key: 'k' }

describe('migrateValues', () => {
  it('takes each step from what the one before it gave, secrets as secrets', () => {
    const seen: unknown[] = []
    const made = migrateValues(
      compiled({
        version: 4,
        migrate: {
          1: (values) => {
            seen.push(values)
            const { host, ...rest } = values
            return { ...rest, url: `https://${host}` }
          },
          3: ({ user, password, url }: { user: string; password: Secret; url: string }) => {
            seen.push(password)
            return { url, key: `${user}:${password.reveal()}` }
          },
        },
        migrateOptions: { 2: ({ every }) => ({ seconds: Number(every) * 60, left: undefined }) },
      }),
      old,
    )
    expect(made).toEqual({
      version: 4,
      data: { url: 'https://h' },
      secrets: { key: 'ann:secret-1' },
      options: { seconds: 300 },
    })
    expect(seen).toEqual([{ host: 'h', user: 'ann', password: expect.any(Secret) }, seen[1]])
    expect(JSON.stringify(seen)).not.toContain('secret-1')
  })

  it('begins where the entry stands, and leaves one that is there', () => {
    const broken = () => {
      throw new Error('not again')
    }
    const chain = compiled({ version: 3, migrate: { 1: broken, 2: () => good } })
    const second = { version: 2, data: {}, secrets: {}, options: {} }
    expect(migrateValues(chain, second)).toMatchObject({ data: { url: 'https://h' }, secrets: { key: 'k' } })
  })

  it.each<[string, () => unknown, string]>([
    ['a promise', async () => good, 'the migration did not return a plain object'],
    ['nothing', () => undefined, 'the migration did not return a plain object'],
    ['a list', () => [good], 'the migration did not return a plain object'],
    ['a field too little', () => ({ url: 'https://h' }), '/key required'],
    ['a field that does not fit', () => ({ ...good, url: 'secret-1' }), '/url invalid_format'],
    [
      'an unknown field',
      () => ({ ...good, host: 'h' }),
      'The input has a field that is not on the form: "host". Submit only the fields of the form.',
    ],
    [
      'a value that is not JSON',
      () => ({ ...good, url: () => '' }),
      'The input contains a value that is not JSON.',
    ],
    [
      'a secret where it would not be sealed',
      () => ({ key: 'k', url: new Secret('https://secret-1') }),
      'the field "url" contains a secret, but is not a secret field',
    ],
  ])('refuses %s, without quoting it', (_, step, why) => {
    const chain = compiled({ version: 2, migrate: { 1: step as () => typeof good } })
    const error = brokenBy(() => migrateValues(chain, old))
    expect(error).toMatchObject({
      failure: 'invalid_values',
      message: `The migration to version 2 returned invalid values: ${why}`,
    })
    expect(String(error)).not.toContain('secret-1')
  })

  it('refuses options that are not an object', () => {
    const chain = compiled({
      version: 2,
      migrate: { 1: () => good },
      migrateOptions: { 1: () => [] as never },
    })
    expect(brokenBy(() => migrateValues(chain, old))).toMatchObject({ failure: 'invalid_values' })
  })

  it('refuses options that are not those of the integration', () => {
    const options = z.object({ seconds: z.number().min(1).default(60) })
    const migrated = (given: Record<string, number>) =>
      migrateValues(
        compiled({ version: 2, options, migrate: { 1: () => good }, migrateOptions: { 1: () => given } }),
        old,
      )
    expect(migrated({ seconds: 5 }).options).toEqual({ seconds: 5 })
    expect(brokenBy(() => migrated({ seconds: 0 }))).toMatchObject({
      message: 'The migration to version 2 returned invalid values: /seconds too_small',
    })
    expect(brokenBy(() => migrated({ every: 5 }))).toMatchObject({ failure: 'invalid_values' })
  })

  it('says where a step threw, and where the fields did', () => {
    const cause = new Error('broken')
    const broken = () => {
      throw cause
    }
    expect(
      brokenBy(() => migrateValues(compiled({ version: 2, migrate: { 1: broken } }), old)),
    ).toMatchObject({
      failure: 'step_failed',
      message: 'The migration from version 1 threw.',
      cause,
    })
    const fields = z.object({ url: z.string().refine(broken), key: secret() })
    const chain = compiled({ version: 2, migrate: { 1: () => good } }, fields)
    expect(brokenBy(() => migrateValues(chain, old))).toMatchObject({
      failure: 'invalid_values',
      message: expect.stringContaining('the schema threw an error'),
      cause,
    })
  })

  it('has no way from a version before the chain', () => {
    const chain = compiled({ version: 3, migrate: { 2: () => good } })
    expect(brokenBy(() => migrateValues(chain, old))).toMatchObject({
      failure: 'no_step',
      message: 'The migration from version 1 to 2 is missing.',
    })
  })
})

describe('a chain of migrations', () => {
  it.each<[Changes, string]>([
    [
      { version: 4, migrate: { 1: () => ({}), 3: () => ({}) } },
      'Integration "hub": the migration from version 2 to 3 is missing. Add one for each version before 4.',
    ],
    [
      { version: 3, migrate: { 1: () => ({}) } },
      'Integration "hub": the migration from version 2 to 3 is missing. Add one for each version before 3.',
    ],
    [
      { migrate: { 1: () => ({}) } },
      'Integration "hub": invalid migration from version 1. Use whole numbers from 1 that are lower than the current version, 1.',
    ],
    [
      { version: 3, migrateOptions: { 0: () => ({}) } },
      'Integration "hub": invalid migration from version 0. Use whole numbers from 1 that are lower than the current version, 3.',
    ],
    [
      { version: 3, migrate: { 1.5: () => ({}) } },
      'Integration "hub": invalid migration from version 1.5. Use whole numbers from 1 that are lower than the current version, 3.',
    ],
  ])('that does not lead there is found at the start: %j', (changes, message) => {
    expect(() => compiled(changes)).toThrow(message)
    expect(() => compiled(changes)).toThrow(expect.objectContaining({ code: 'INTEGRATION', domain: 'hub' }))
  })

  it('may begin later, and may be omitted only for the first version', () => {
    expect([...compiled({ version: 3, migrate: { 2: () => ({}) } }).migrations.keys()]).toEqual([2])
    expect(compiled({ version: 1 }).migrations.size).toBe(0)
    expect(() => compiled({ version: 3 })).toThrow('version 3 has no migration')
  })
})

function brokenBy(work: () => unknown): MigrationFailedError {
  try {
    work()
  } catch (error) {
    if (error instanceof MigrationFailedError) return error
    throw error
  }
  throw new Error('It was not refused.')
}
