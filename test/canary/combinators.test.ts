import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { memoryStore } from '../../src/adapters/memory/memory-store.ts'
import {
  type AnyIntegration,
  createLatchkey,
  defineIntegration,
  joseCipher,
  Secret,
  secret,
} from '../../src/index.ts'
import { canaries, leaksIn } from './canaries.ts'
import { plain } from './canary-service.ts'

type Schema = z.ZodType

const text = canaries.password
const revealed = z.transform((value: Secret) => value.reveal())
const same = z.transform((value: Secret) => value)

/** The schemas that are one secret. `connect` receives it as a `Secret`. */
const whole: Readonly<Record<string, () => Schema>> = {
  'secret()': () => secret(),
  optional: () => secret().optional(),
  nullable: () => secret().nullable(),
  nullish: () => secret().nullish(),
  nonoptional: () => secret().optional().nonoptional(),
  default: () => secret().default(new Secret('a default')),
  prefault: () => secret().prefault('a default'),
  catch: () => secret().catch(new Secret('a default')),
  readonly: () => secret().readonly(),
  brand: () => secret().brand('key'),
  refine: () => secret().refine(() => true),
  meta: () => secret().meta({ title: 'Key' }),
  'a trimmed string piped into it': () => z.string().trim().pipe(secret()),
  'two pipes that end in it': () => z.string().pipe(z.string().trim()).pipe(secret()),
  'a transform before it': () =>
    z
      .string()
      .transform((value) => value)
      .pipe(secret()),
  'any value piped into it': () => z.unknown().pipe(secret()),
  preprocess: () => z.preprocess((value) => value, secret()),
  codec: () => z.codec(z.string(), secret(), { decode: (value) => value, encode: (value) => value }),
  lazy: () => z.lazy(() => secret()),
  'an optional lazy': () => z.lazy(() => secret().optional()).readonly(),
}

interface Part {
  readonly schema: () => Schema
  /** The path of the secret in the error. */
  readonly at: string
}

const part = (at: string, schema: () => Schema): Part => ({ at, schema })

/** The schemas with a secret as one of their parts. */
const parts: Readonly<Record<string, Part>> = {
  object: part('key.token', () => z.object({ token: secret() })),
  'an optional object': part('key.token', () => z.object({ token: secret().optional() }).optional()),
  'an object with a default': part('key.token', () =>
    z.object({ token: secret().optional() }).default({ token: undefined }),
  ),
  'an object in an object': part('key.login.token', () => z.object({ login: z.object({ token: secret() }) })),
  'a strict object': part('key.token', () => z.strictObject({ token: secret() })),
  catchall: part('key.*', () => z.object({}).catchall(secret())),
  extend: part('key.token', () => z.object({ user: z.string() }).extend({ token: secret() })),
  'a recursive object': part('key.token', () => {
    const node = z.object({
      get child() {
        return node.optional()
      },
      token: secret(),
    })
    return node
  }),
  array: part('key[]', () => z.array(secret())),
  'an array of objects': part('key[].token', () => z.array(z.object({ token: secret() }))),
  record: part('key.*', () => z.record(z.string(), secret())),
  'a partial record': part('key.*', () => z.partialRecord(z.enum(['a', 'b']), secret())),
  tuple: part('key[1]', () => z.tuple([z.string(), secret()])),
  'the rest of a tuple': part('key[]', () => z.tuple([z.string()], secret())),
  'a union with a literal': part('key', () => z.union([secret(), z.literal('')])),
  or: part('key', () => z.number().or(secret())),
  'a union of secrets': part('key', () => secret().or(secret())),
  'a discriminated union': part('key.token', () =>
    z.discriminatedUnion('by', [
      z.object({ by: z.literal('none') }),
      z.object({ by: z.literal('token'), token: secret() }),
    ]),
  ),
  intersection: part('key', () => z.intersection(secret(), secret())),
  and: part('key.token', () => z.object({ user: z.string() }).and(z.object({ token: secret() }))),
  'a lazy object': part('key.token', () => z.lazy(() => z.object({ token: secret() }))),
  'a transform after it': part('key', () => secret().transform((value) => value)),
  'a pipe that begins with it': part('key', () => z.pipe(secret(), same)),
  'a transform of an optional one': part('key', () =>
    secret()
      .optional()
      .transform((value) => value),
  ),
  'a pipe from one to another': part('key', () => z.pipe(secret(), z.pipe(revealed, secret()))),
  'a preprocessed object': part('key.token', () =>
    z.preprocess((value) => value, z.object({ token: secret() })),
  ),
  'an object that is converted': part('key.token', () =>
    z.object({ token: secret() }).transform(({ token }) => token),
  ),
  success: part('key', () => z.success(secret())),
}

/** The schemas that no form can show, with or without a secret. */
const hidden: Readonly<Record<string, () => Schema>> = {
  map: () => z.map(z.string(), secret()),
  set: () => z.set(secret()),
  promise: () => z.promise(secret()),
  custom: () => z.instanceof(Secret),
}

const cipher = () => joseCipher([new Uint8Array(32).fill(9)])
const user = { user: z.string() }
const noConnection = async () => ({ client: null, uniqueId: plain.account })

/** The places of a schema in an integration. */
const places: Readonly<Record<string, (key: Schema) => AnyIntegration>> = {
  fields: (key) => ({
    domain: plain.domain,
    title: plain.title,
    fields: z.object({ key }),
    connect: noConnection,
  }),
  stored: (key) => ({
    domain: plain.domain,
    title: plain.title,
    fields: z.object({ ...user }),
    stored: z.object({ ...user, key }),
    exchange: async () => ({ key: text }),
    connect: noConnection,
  }),
  challenges: (key) => ({
    domain: plain.domain,
    title: plain.title,
    fields: z.object({ ...user }),
    challenges: { otp: z.object({ key }) },
    connect: noConnection,
  }),
  'sub-entries': (key) => ({
    domain: plain.domain,
    title: plain.title,
    fields: z.object({ ...user }),
    subentries: { place: { title: 'Place', fields: z.object({ key }), name: () => ({ title: 'x' }) } },
    connect: noConnection,
  }),
  options: (key) => ({
    domain: plain.domain,
    title: plain.title,
    fields: z.object({ ...user }),
    options: z.object({ key: key.optional() }),
    connect: noConnection,
  }),
  methods: (key) => ({
    domain: plain.domain,
    title: plain.title,
    stored: z.object({ token: secret() }),
    methods: {
      password: {
        title: 'Password',
        fields: z.object({ key }),
        exchange: async () => ({ token: text }),
        pages: { user: ['key'] },
      },
    },
    connect: noConnection,
  }),
}

const created = (integration: AnyIntegration) =>
  createLatchkey({ integrations: [integration], store: memoryStore(), cipher: cipher() })

describe.each(Object.entries(places))('a secret that is a part of a schema in %s', (_, integrationWith) => {
  it.each(Object.entries(parts))('is refused when the host starts: %s', async (_, { schema, at }) => {
    const starting = created(integrationWith(schema()))
    await expect(starting).rejects.toMatchObject({ code: 'INTEGRATION' })
    await expect(starting).rejects.toThrow(`"${at}"`)
  })

  it.each(Object.entries(hidden))('is refused when the host starts: %s', async (_, schema) => {
    await expect(created(integrationWith(schema()))).rejects.toMatchObject({ code: 'INTEGRATION' })
  })
})

describe('a schema that is one secret', () => {
  it.each(Object.entries(whole))('is accepted in all places but options: %s', async (_, schema) => {
    for (const [place, integrationWith] of Object.entries(places)) {
      const starting = created(integrationWith(schema()))
      if (place === 'options') await expect(starting).rejects.toThrow('options contain a secret')
      else await (await starting).stop()
    }
  })

  it.each(Object.entries(whole))(
    'is encrypted, never shown or logged, and revealed to connect: %s',
    async (_, schema) => {
      const seen: unknown[] = []
      const write = (fields: unknown, message: string) => seen.push({ message, fields })
      let handed: unknown
      let fails = true
      const fields = z.object({ ...user, key: schema() })
      const integration: AnyIntegration = {
        ...defineIntegration({
          domain: plain.domain,
          title: plain.title,
          fields,
          connect: async ({ key }) => {
            handed = key
            if (fails) throw new Error(`${plain.error} ${text}`)
            return { client: null, uniqueId: plain.account }
          },
        }),
      }
      const store = memoryStore()
      const log = { info: write, warn: write, error: write }
      const latchkey = await createLatchkey({ integrations: [integration], store, cipher: cipher(), log })
      let view = await latchkey.flows.start({ domain: plain.domain, source: 'user' })
      for (const answer of ['fails', 'connects']) {
        fails = answer === 'fails'
        view = await latchkey.flows.submit(view.flowId, { user: plain.account, key: text }, view)
        seen.push(view, await store.getFlow('default', view.flowId))
      }
      expect(view.type).toBe('create_entry')
      expect(handed instanceof Secret && handed.reveal()).toBe(text)
      const entryId = view.entryId ?? ''
      for (const source of ['reauth', 'reconfigure'] as const) {
        const form = await latchkey.flows.start({ source, entryId })
        seen.push(form)
        await latchkey.flows.cancel(form.flowId)
      }
      seen.push(await store.getEntry('default', entryId), await latchkey.history(entryId))
      await latchkey.stop()
      const shown = JSON.stringify(seen)
      expect(shown).toContain(plain.error)
      expect(leaksIn(shown)).toEqual([])
    },
  )
})
