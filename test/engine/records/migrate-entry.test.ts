import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration, type IntegrationSpec } from '../../../src/authoring/integration.ts'
import type { EntryVersion, MigratedEntry } from '../../../src/authoring/migration.ts'
import { Secret, secret } from '../../../src/authoring/secret.ts'
import { compileIntegrations } from '../../../src/engine/integrations/compile.ts'
import {
  MigrationFailedError,
  migrateEntry,
  type OpenedEntry,
} from '../../../src/engine/records/migrate-entry.ts'

type Changes = Partial<Pick<IntegrationSpec, 'version' | 'migrate' | 'options' | 'subentries'>>
const connect = async () => ({ client: null, uniqueId: null })

function compiled(changes: Changes, fields: z.ZodObject = z.object({ url: z.url(), key: secret() })) {
  const spec = defineIntegration({ domain: 'hub', title: 'Hub', fields, connect })
  const [only] = compileIntegrations([{ ...spec, ...changes }]).values()
  if (only === undefined) throw new Error('There is one.')
  return only
}

const attic = { subentryId: 's1', type: 'room', title: 'Attic', uniqueId: 'attic', version: 1 }
const old: OpenedEntry = {
  version: 1,
  uniqueId: 'ann',
  data: { host: 'h', user: 'ann' },
  secrets: { password: 'secret-1' },
  options: { every: 5 },
  subentries: [],
}
const withAttic = { ...old, subentries: [{ ...attic, data: { floor: 3 }, secrets: { pin: 'secret-2' } }] }
const good = { url: 'https://h', key: 'k' }
const name = () => ({ title: 'x' })
const room = { title: 'Room', fields: z.object({ floor: z.int(), pin: secret().optional() }), name }
const migrate = (chain: ReturnType<typeof compiled>, entry = old) => migrateEntry(chain, entry, 3)

describe('migrateEntry', () => {
  it('takes each step from what the one before it gave, secrets as secrets', () => {
    const seen: unknown[] = []
    const made = migrate(
      compiled({
        version: 4,
        migrate: {
          1: ({ values }) => {
            seen.push(values)
            const { host, ...rest } = values
            return { values: { ...rest, url: `https://${host}` } }
          },
          2: ({ options: { every }, uniqueId }) => ({
            options: { seconds: Number(every) * 60, left: undefined },
            uniqueId: `id-${uniqueId}`,
          }),
          3: ({ values, uniqueId }: EntryVersion<{ user: string; password: Secret; url: string }>) => {
            const { user, password, url } = values
            seen.push(password)
            return { values: { url, key: `${user}:${password.reveal()}` }, uniqueId: `${uniqueId}!` }
          },
        },
      }),
    )
    expect(made).toEqual({
      version: 4,
      uniqueId: 'id-ann!',
      data: { url: 'https://h' },
      secrets: { key: 'ann:secret-1' },
      options: { seconds: 300 },
      subentries: [],
    })
    expect(seen).toEqual([{ host: 'h', user: 'ann', password: expect.any(Secret) }, seen[1]])
    expect(JSON.stringify(seen)).not.toContain('secret-1')
  })

  it('begins where the entry stands, and leaves each part that a step leaves out', () => {
    const broken = () => {
      throw new Error('not again')
    }
    const chain = compiled({
      version: 3,
      subentries: { room },
      migrate: { 1: broken, 2: () => ({ values: good, uniqueId: undefined, options: undefined }) },
    })
    const second = { ...withAttic, version: 2, data: {}, secrets: {} }
    const { subentries, options, uniqueId } = second
    const rest = { subentries, options, uniqueId, version: 3 }
    expect(migrate(chain, second)).toEqual({ data: { url: 'https://h' }, secrets: { key: 'k' }, ...rest })
    const removing = compiled({ version: 2, migrate: { 1: () => ({ values: good, uniqueId: null }) } })
    expect(migrate(removing).uniqueId).toBeNull()
  })

  const prefix = 'The migrated entry does not fit version 2: '
  it.each<[string, () => unknown, path: string, why: string]>([
    ['a promise', async () => ({ values: good }), '', 'The migration did not return a plain object'],
    ['nothing', () => undefined, '', 'The migration did not return a plain object'],
    ['a list', () => [good], '', 'The migration did not return a plain object'],
    ['only the values', () => good, '/url', '/url is not one of values, options, subentries and uniqueId'],
    ['values that are not an object', () => ({ values: [] }), '/values', '/values is not a plain object'],
    [
      'options that are not an object',
      () => ({ options: 'x' }),
      '/options',
      '/options is not a plain object',
    ],
    [
      'an invalid unique id',
      () => ({ uniqueId: '' }),
      '/uniqueId',
      '/uniqueId is neither a non-empty text nor null',
    ],
    ['a field too little', () => ({ values: { url: 'https://h' } }), '/values/key', '/values/key required'],
    [
      'fields that do not fit',
      () => ({ values: { url: 'secret-1' } }),
      '/values/url',
      '/values/url invalid_format, /values/key required',
    ],
    [
      'an unknown field',
      () => ({ values: { ...good, host: 'h' } }),
      '/values/host',
      '/values/host is invalid. The input has a field that is not on the form: "host". Submit only the fields of the form.',
    ],
    [
      'a value that is not JSON',
      () => ({ values: { ...good, url: () => '' } }),
      '/values',
      '/values is invalid. The input contains a value that is not JSON.',
    ],
    [
      'a secret where it would not be sealed',
      () => ({ values: { key: 'k', url: new Secret('https://secret-1') } }),
      '/values/url',
      '/values/url is a secret, but not a secret field',
    ],
  ])('refuses %s, and names the path without a value', (_, step, path, why) => {
    const chain = compiled({ version: 2, migrate: { 1: step as () => MigratedEntry } })
    const error = brokenBy(() => migrate(chain))
    expect(error).toMatchObject({ failure: 'invalid_values', path, message: prefix + why })
    expect(String(error)).not.toContain('secret-1')
  })

  it('refuses options that are not those of the integration', () => {
    const options = z.object({ seconds: z.number().min(1).default(60) })
    const migrated = (given: Record<string, number>) =>
      migrate(compiled({ version: 2, options, migrate: { 1: () => ({ values: good, options: given }) } }))
    expect(migrated({ seconds: 5 }).options).toEqual({ seconds: 5 })
    expect(brokenBy(() => migrated({ seconds: 0 }))).toMatchObject({
      path: '/options/seconds',
      message: 'The migrated entry does not fit version 2: /options/seconds too_small',
    })
    expect(brokenBy(() => migrated({ every: 5 }))).toMatchObject({ failure: 'invalid_values' })
  })

  it('says where a step threw, and where the fields did', () => {
    const cause = new Error('broken')
    const broken = () => {
      throw cause
    }
    expect(brokenBy(() => migrate(compiled({ version: 2, migrate: { 1: broken } })))).toMatchObject({
      failure: 'step_failed',
      path: null,
      message: 'The migration from version 1 threw.',
      cause,
    })
    const fields = z.object({ url: z.string().refine(broken), key: secret() })
    const chain = compiled({ version: 2, migrate: { 1: () => ({ values: good }) } }, fields)
    expect(brokenBy(() => migrate(chain))).toMatchObject({
      failure: 'invalid_values',
      message: expect.stringContaining('the schema threw an error'),
      cause,
    })
  })

  it('has no way from a version before the chain', () => {
    const chain = compiled({ version: 3, migrate: { 2: () => ({ values: good }) } })
    expect(brokenBy(() => migrate(chain))).toMatchObject({
      failure: 'no_step',
      message: 'The migration from version 1 to 2 is missing.',
    })
  })
})

describe('the sub-entries of a migrated entry', () => {
  const step = (change: (before: EntryVersion) => unknown) =>
    compiled({
      version: 2,
      subentries: { room },
      migrate: { 1: (before) => ({ values: good, subentries: change(before) }) as MigratedEntry },
    })

  it('are changed, removed and added', () => {
    const chain = step(({ subentries }) => [
      ...subentries.map((each) => ({ ...each, title: 'Loft', values: { ...each.values, floor: 4 } })),
      { type: 'room', title: 'Hall', values: { floor: 0, pin: new Secret('secret-3') } },
    ])
    expect(migrate(chain, withAttic).subentries).toEqual([
      { ...attic, title: 'Loft', data: { floor: 4 }, secrets: { pin: 'secret-2' } },
      {
        ...{ subentryId: expect.any(String), type: 'room', title: 'Hall', uniqueId: null, version: 1 },
        ...{ data: { floor: 0 }, secrets: { pin: 'secret-3' } },
      },
    ])
    expect(
      migrate(
        step(() => []),
        withAttic,
      ).subentries,
    ).toEqual([])
  })

  it('have titles without the secrets of the entry and its sub-entries', () => {
    const titles = ['Hall secret-2', 'Hall k']
    const chain = step(() =>
      titles.map((title) => ({ ...hall, title, values: { floor: 0, pin: 'secret-2' } })),
    )
    const { subentries } = migrate(chain, withAttic)
    expect(subentries.map(({ title }) => title)).toEqual(['Hall [secret]', 'Room'])
  })

  const hall = { type: 'room', title: 'Hall', uniqueId: null, values: { floor: 0 } }
  it.each<[string, unknown, path: string]>([
    ['no list', {}, '/subentries'],
    ['more than allowed', [hall, hall, hall, hall], '/subentries'],
    ['a text', ['room'], '/subentries/0'],
    ['no title', [{ ...hall, title: ' ' }], '/subentries/0/title'],
    ['an invalid id', [{ ...hall, uniqueId: 5 }], '/subentries/0/uniqueId'],
    ['no values', [{ ...hall, values: null }], '/subentries/0/values'],
    ['an unknown sub-entry', [{ ...hall, subentryId: 's2' }], '/subentries/0/subentryId'],
    [
      'a sub-entry twice',
      [
        { ...hall, subentryId: 's1' },
        { ...hall, subentryId: 's1' },
      ],
      '/subentries/1/subentryId',
    ],
    ['the same id twice', Array(2).fill({ ...hall, uniqueId: 'hall' }), '/subentries/1/uniqueId'],
    ['an unknown type', [hall, { ...hall, type: 'lamp', version: 1 }], '/subentries/1/type'],
    ['a version of the future', [{ ...hall, version: 2 }], '/subentries/0/version'],
    ['a value that does not fit', [{ ...hall, values: { floor: 'x' } }], '/subentries/0/values/floor'],
  ])('are refused with %s', (_, list, path) => {
    expect(
      brokenBy(() =>
        migrate(
          step(() => list),
          withAttic,
        ),
      ),
    ).toMatchObject({ path })
  })

  it('are migrated by their type, from the version of each', () => {
    const third = (changes: object) => ({
      ...{ title: 'Room', name, version: 3, fields: z.object({ level: z.int(), pin: secret() }) },
      ...changes,
    })
    const steps = {
      1: ({ floor, ...rest }: object & { floor?: unknown }) => ({ ...rest, storey: floor as number }),
      2: ({ storey, pin }: object & { storey?: number; pin?: Secret }) => ({
        level: Number(storey) + 1,
        pin: pin ?? 'none',
      }),
    }
    const under = (...list: readonly object[]) => ({ ...withAttic, subentries: list as never })
    const current = { ...attic, version: 3, data: { level: 9 }, secrets: { pin: 'p' } }
    const fields = z.object({ host: z.string(), user: z.string(), password: secret() })
    const chain = compiled({ subentries: { room: third({ migrate: steps }) } }, fields)
    const second = {
      ...attic,
      subentryId: 's2',
      uniqueId: null,
      version: 2,
      data: { storey: 1 },
      secrets: {},
    }
    expect(migrate(chain, under(withAttic.subentries[0] as object, second)).subentries).toEqual([
      { ...attic, version: 3, data: { level: 4 }, secrets: { pin: 'secret-2' } },
      { ...second, version: 3, data: { level: 2 }, secrets: { pin: 'none' } },
    ])
    expect(migrate(chain, under(current)).subentries).toEqual([current])
    const late = compiled({ subentries: { room: third({ migrate: { 2: steps[2] } }) } }, fields)
    expect(brokenBy(() => migrate(late, withAttic))).toMatchObject({
      failure: 'no_step',
      path: '/subentries/0',
      message: 'The migration of the sub-entry type "room" from version 1 to 2 is missing.',
    })
    const odd = compiled({ subentries: { room: third({ migrate: { 1: steps[1], 2: () => null } }) } }, fields)
    expect(brokenBy(() => migrate(odd, withAttic)).path).toBe('/subentries/0/values')
  })
})

describe('a chain of migrations', () => {
  it.each<[object, string]>([
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
      { version: 3, migrate: { 0: () => ({}) } },
      'Integration "hub": invalid migration from version 0. Use whole numbers from 1 that are lower than the current version, 3.',
    ],
    [
      { version: 3, migrate: { 1.5: () => ({}) } },
      'Integration "hub": invalid migration from version 1.5. Use whole numbers from 1 that are lower than the current version, 3.',
    ],
    [
      { migrateOptions: { 1: () => ({}) } },
      'Integration "hub": migrateOptions is not supported. Return the options from migrate: { options: … }.',
    ],
    [{ version: 1.5 }, 'Integration "hub": invalid version 1.5. Use a whole number from 1.'],
    [
      { subentries: { room: { ...room, version: 0 } } },
      'Integration "hub": invalid version 0 of the sub-entry type "room". Use a whole number from 1.',
    ],
    [
      { subentries: { room: { ...room, version: 2 } } },
      'Integration "hub": version 2 of the sub-entry type "room" has no migration. Add migrate: { 1: … }, or remove version.',
    ],
    [
      { subentries: { room: { ...room, migrate: { 1: () => ({}) } } } },
      'Integration "hub": invalid migration of the sub-entry type "room" from version 1. Use whole numbers from 1',
    ],
    [
      { subentries: { room: { ...room, version: 3, migrate: { 1: () => ({}) } } } },
      'Integration "hub": the migration of the sub-entry type "room" from version 2 to 3 is missing.',
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
