import { createGeneratorSync, type JsonSchema } from 'json-schema-faker'
import type { FormView } from '../../src/index.ts'
import { type Asked, badBodies } from './bad-bodies.ts'
import type { Described, Parameter } from './described.ts'
import type { Ids, Planted } from './planted.ts'

type Generate = (schema: JsonSchema) => unknown

const JSON_TYPE = { 'content-type': 'application/json' }

/** How often each operation is asked for each thing that it may be about, and for nothing in particular. */
const TIMES = 6

const TIMES_AT_LARGE = 40

const UNKNOWN = 'unknown'

/** Sends a request, as who may do everything. */
export async function send({ handler }: Planted, { method }: Described, asked: Asked): Promise<Response> {
  const { path, query = {}, headers = {}, body } = asked
  const url = `http://127.0.0.1:8124${path}?${new URLSearchParams(query)}`
  const all = { authorization: `Bearer ${handler.startToken}`, ...headers }
  return handler(new Request(url, { method, headers: all, ...(body !== undefined && { body }) }))
}

/** Requests that are as described, about everything that there is, and about what there is not, in a world for each. */
export function* valid(operation: Described, idsNow: () => Ids): Generator<Asked> {
  const { generate } = createGeneratorSync({ seed: 7, optionalsProbability: 0.6, maxLength: 60 })
  const { length } = subjects(operation, idsNow())
  const times = operation.body !== null && !operation.path.includes('{') ? TIMES_AT_LARGE : TIMES
  for (let index = 0; index < length * times; index++) {
    const ids = idsNow()
    const subject = subjects(operation, ids)[index % length]
    if (subject !== undefined) yield ask(operation, ids, subject, generate)
  }
}

/** Requests that are not as described, each in one way. */
export function* invalid(operation: Described, ids: Ids): Generator<Asked> {
  const { generate } = createGeneratorSync({ seed: 8, optionalsProbability: 1, maxLength: 60 })
  const [subject = { id: '', title: '', form: null }] = subjects(operation, ids)
  const good = ask(operation, ids, subject, generate, true)
  const bad = (title: string, change: Partial<Asked>): Asked => ({ ...good, ...change, title })
  if (operation.secured) {
    for (const authorization of ['', 'Bearer', 'Bearer nobody', 'Bearer a.b.c', 'Basic aG9zdDo=']) {
      yield bad(`with "${authorization}"`, { headers: { ...good.headers, authorization }, status: 401 })
    }
  }
  for (const { name, in: place, schema, required } of operation.parameters) {
    for (const value of outside(schema)) {
      const title = `with ${value.length} characters for ${name}`
      if (place === 'path') {
        const named = name === 'subentryId' ? ([subject.id, value] as const) : ([value, ids.room] as const)
        yield bad(title, { path: at(operation.path, ...named), status: 422 })
      }
      if (place === 'query') yield bad(title, { query: { ...good.query, [name]: value }, status: 422 })
      if (place === 'header') yield bad(title, { headers: { ...good.headers, [name]: value }, status: 422 })
    }
    if (place === 'path') {
      for (const id of [
        '..%2f..%2fentries',
        '%00',
        '__proto__',
        'constructor',
        '%F0%9F%94%91',
        '%E0%A4%A',
        '%',
      ]) {
        yield bad(`for ${id}`, { path: operation.path.replace(/\{\w+\}/, id) })
      }
    }
    if (name === 'if-match') {
      const { 'if-match': _, ...rest } = { ...good.headers }
      if (required) yield bad('without If-Match', { headers: rest, status: 428 })
      for (const match of ['1', '*', 'W/"1"', '"one"', '"-1"', '"1", "2"', `"${'9'.repeat(16)}"`]) {
        const headers = { ...good.headers, [name]: match }
        yield bad(`with If-Match ${match}`, { headers, status: 400 })
      }
    }
  }
  if (operation.body !== null) yield* badBodies(operation.body, good, bad)
}

/** Texts that a parameter cannot be. */
function outside(schema: JsonSchema): string[] {
  if (typeof schema !== 'object') return []
  if (schema.type === 'integer') return ['0', '-1', '1.5', '1001', 'many', '', '1e9', 'NaN']
  return [
    ...(schema.maxLength === undefined ? [] : ['x'.repeat(schema.maxLength + 1)]),
    ...(schema.maxLength === undefined ? [] : ['x'.repeat(6_000)]),
  ]
}

interface Subject {
  readonly id: string
  readonly title: string
  readonly form: FormView | null
}

/** What an operation may be about; nothing in particular where its path names nothing. */
function subjects({ path }: Described, { entries, flows }: Ids): Subject[] {
  const unknown = { id: UNKNOWN, title: 'unknown', form: null }
  if (path.includes('{entryId}')) {
    return [...Object.entries(entries).map(([title, id]) => ({ id, title, form: null })), unknown]
  }
  if (path.includes('{flowId}')) {
    return [...Object.entries(flows).map(([title, form]) => ({ id: form.flowId, title, form })), unknown]
  }
  return [{ id: '', title: 'all', form: null }]
}

const at = (path: string, id: string, under: string): string =>
  path
    .replace(/\{(?!subentryId)\w+\}/, encodeURIComponent(id))
    .replace('{subentryId}', encodeURIComponent(under))

function ask(operation: Described, ids: Ids, subject: Subject, generate: Generate, careful = false): Asked {
  const { path, parameters, body } = operation
  const given = (place: Parameter['in']): Record<string, string> => {
    const said: [string, string][] = []
    for (const { name, in: where, schema, required } of parameters) {
      if (where !== place || (!required && generate({ type: 'boolean' }) === false)) continue
      said.push([name, parameterOf(name, schema, ids, subject, generate)])
    }
    return Object.fromEntries(said)
  }
  const value = body === null ? undefined : bodyOf(operation, body.schema, ids, subject, generate)
  const isBare = body?.required === false && !careful && generate({ type: 'boolean' }) === true
  const text = value === undefined || isBare ? undefined : JSON.stringify(value)
  return {
    title: `for ${subject.title}: ${text}`,
    path: at(path, subject.id, ids.room),
    query: given('query'),
    headers: { ...given('header'), ...(text !== undefined && JSON_TYPE) },
    ...(text !== undefined && { body: text }),
    // What happened to an entry outlives it.
    ...(subject.id === UNKNOWN && !path.endsWith('/history') && { status: 404 }),
  }
}

function parameterOf(
  name: string,
  schema: JsonSchema,
  ids: Ids,
  { form }: Subject,
  generate: Generate,
): string {
  if (name === 'if-match') return `"${form?.revision ?? generate({ enum: [1, 2, 9] })}"`
  if (name === 'entryId') return String(generate({ enum: [...Object.values(ids.entries), UNKNOWN] }))
  if (name === 'domain') return String(generate({ enum: ['scripted', 'other'] }))
  // A header is of bytes.
  return (
    String(generate(schema))
      .replaceAll(/[^ -~]/g, 'x')
      .trim() || 'x'
  )
}

/** A body that is as described; what it is about is there, most of the time. */
function bodyOf(
  { path }: Described,
  schema: JsonSchema,
  ids: Ids,
  { form }: Subject,
  generate: Generate,
): unknown {
  const value = generate(schema) as Record<string, unknown>
  if (path === '/link') return generate({ type: 'boolean' }) === true ? { token: ids.link } : value
  if ('source' in value) {
    const entryId = generate({ enum: [...Object.values(ids.entries), UNKNOWN] })
    const domain = generate({ enum: ['scripted', 'scripted', 'other'] })
    const under = value.source === 'subentry' && { type: 'room' }
    return value.source === 'user' ? { ...value, domain } : { source: value.source, entryId, ...under }
  }
  // Filled in as the form says.
  const fills = 'input' in value || generate({ type: 'boolean' }) === true
  if (fills && form !== null) return { input: generate(form.schema as JsonSchema) }
  return value
}
