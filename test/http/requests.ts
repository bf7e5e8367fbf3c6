import { createGeneratorSync, type JsonSchema } from 'json-schema-faker'
import type { FormView } from '../../src/index.ts'
import type { Fixtures, Ids } from './fixtures.ts'
import { invalidBodies, type TestRequest } from './invalid-bodies.ts'
import type { OperationDoc, Parameter } from './openapi-document.ts'

type Generate = (schema: JsonSchema) => unknown

const JSON_TYPE = { 'content-type': 'application/json' }
/** Number of requests per operation and record, and without a record. */
const TIMES = 6

const TIMES_AT_LARGE = 40

const UNKNOWN = 'unknown'

/** Sends a request with all rights. */
export async function send(
  { handler }: Fixtures,
  { method }: OperationDoc,
  request: TestRequest,
): Promise<Response> {
  const { path, query = {}, headers = {}, body } = request
  const url = `http://127.0.0.1:8124${path}?${new URLSearchParams(query)}`
  const all = { authorization: `Bearer ${handler.startToken}`, ...headers }
  return handler(new Request(url, { method, headers: all, ...(body !== undefined && { body }) }))
}

/** Valid requests for existing and missing records, each in a separate world. */
export function* valid(operation: OperationDoc, idsNow: () => Ids): Generator<TestRequest> {
  const { generate } = createGeneratorSync({ seed: 7, optionalsProbability: 0.6, maxLength: 60 })
  const { length } = subjects(operation, idsNow())
  const times = operation.body !== null && !operation.path.includes('{') ? TIMES_AT_LARGE : TIMES
  for (let index = 0; index < length * times; index++) {
    const ids = idsNow()
    const subject = subjects(operation, ids)[index % length]
    if (subject !== undefined) yield ask(operation, ids, subject, generate)
  }
}

/** Invalid requests, each with one defect. */
export function* invalid(operation: OperationDoc, ids: Ids): Generator<TestRequest> {
  const { generate } = createGeneratorSync({ seed: 8, optionalsProbability: 1, maxLength: 60 })
  const [subject = { id: '', title: '', form: null }] = subjects(operation, ids)
  const good = ask(operation, ids, subject, generate, true)
  const bad = (title: string, change: Partial<TestRequest>): TestRequest => ({ ...good, ...change, title })
  if (operation.secured) {
    for (const authorization of ['', 'Bearer', 'Bearer unknown', 'Bearer a.b.c', 'Basic aG9zdDo=']) {
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
  if (operation.body !== null) yield* invalidBodies(operation.body, good, bad)
}

/** Invalid values of a path parameter. */
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

/** The records that an operation can concern; a single one without an id if its path has none. */
function subjects({ path }: OperationDoc, { entries, flows, webhook }: Ids): Subject[] {
  const unknown = { id: UNKNOWN, title: 'unknown', form: null }
  if (path.includes('{entryId}')) {
    return [...Object.entries(entries).map(([title, id]) => ({ id, title, form: null })), unknown]
  }
  if (path.includes('{flowId}')) {
    return [...Object.entries(flows).map(([title, form]) => ({ id: form.flowId, title, form })), unknown]
  }
  if (path.includes('{webhookId}')) return [{ id: webhook, title: 'webhook', form: null }, unknown]
  return [{ id: '', title: 'all', form: null }]
}

const at = (path: string, id: string, under: string): string =>
  path
    .replace(/\{(?!subentryId)\w+\}/, encodeURIComponent(id))
    .replace('{subentryId}', encodeURIComponent(under))

function ask(
  operation: OperationDoc,
  ids: Ids,
  subject: Subject,
  generate: Generate,
  careful = false,
): TestRequest {
  const { path, parameters, body } = operation
  const valuesIn = (place: Parameter['in']): Record<string, string> => {
    const values: [string, string][] = []
    for (const { name, in: where, schema, required } of parameters) {
      if (where !== place || (!required && generate({ type: 'boolean' }) === false)) continue
      values.push([name, parameterOf(name, schema, ids, subject, generate)])
    }
    return Object.fromEntries(values)
  }
  const value = body === null ? undefined : bodyOf(operation, body.schema, ids, subject, generate)
  const isBare = body?.required === false && !careful && generate({ type: 'boolean' }) === true
  const text = value === undefined || isBare ? undefined : JSON.stringify(value)
  return {
    title: `for ${subject.title}: ${text}`,
    path: at(path, subject.id, ids.room),
    query: valuesIn('query'),
    headers: { ...valuesIn('header'), ...(text !== undefined && JSON_TYPE) },
    ...(text !== undefined && { body: text }),
    // The history of an entry remains after its removal.
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
  // Header values are bytes.
  return (
    String(generate(schema))
      .replaceAll(/[^ -~]/g, 'x')
      .trim() || 'x'
  )
}

/** A valid body. Its record exists most of the time. */
function bodyOf(
  { path }: OperationDoc,
  schema: JsonSchema,
  ids: Ids,
  { form }: Subject,
  generate: Generate,
): unknown {
  const value = generate(schema) as Record<string, unknown>
  if (path === '/link') return generate({ type: 'boolean' }) === true ? { token: ids.link } : value
  // Most texts are not URLs.
  if ('url' in value && generate({ type: 'boolean' }) === true)
    return { url: 'https://hooks.example/new', events: ['entry.added'] }
  if ('source' in value) {
    const entryId = generate({ enum: [...Object.values(ids.entries), UNKNOWN] })
    const domain = generate({ enum: ['scripted', 'scripted', 'other'] })
    const under = value.source === 'subentry' && { type: 'room' }
    return value.source === 'user' ? { ...value, domain } : { source: value.source, entryId, ...under }
  }
  // Filled in according to the schema of the form.
  const fills = 'input' in value || generate({ type: 'boolean' }) === true
  if (fills && form !== null) return { input: generate(form.schema as JsonSchema) }
  return value
}
