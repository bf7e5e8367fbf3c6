import { Document, type OperationDoc } from './openapi-document.ts'

/** A request to an operation, and the record that it concerns. */
export interface TestRequest {
  readonly title: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** The raw body. */
  readonly body?: string
  /** The expected status, if it is certain. */
  readonly status?: number
}

/** Requests with an invalid body: another content type, malformed, too large, or with another shape. */
export function* invalidBodies(
  { required, schema }: NonNullable<OperationDoc['body']>,
  good: TestRequest,
  bad: (title: string, change: Partial<TestRequest>) => TestRequest,
): Generator<TestRequest> {
  const { 'content-type': _, ...untyped } = { ...good.headers }
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'text/json',
  ]) {
    yield bad(`as ${type}`, { headers: { ...untyped, 'content-type': type }, status: 415 })
  }
  if (required) yield bad('with an empty body', { headers: untyped, body: '', status: 415 })
  for (const body of ['', '{', '{"a":1,}', "{'a':1}", '\u0000', `${good.body}x`]) {
    yield bad(`of ${JSON.stringify(body.slice(0, 20))}`, { body, status: 400 })
  }
  yield bad('that is too large', { body: JSON.stringify({ x: 'x'.repeat(256 * 1024) }), status: 413 })
  const value = JSON.parse(good.body ?? '{}') as Readonly<Record<string, unknown>>
  for (const other of mutations(value)) {
    // Some of these are valid.
    if (Document.faults(schema, JSON.parse(other)).length === 0) continue
    yield bad(`of ${other.slice(0, 80)}`, { body: other, status: 422 })
  }
  const deep = `${'['.repeat(60_000)}${']'.repeat(60_000)}`
  for (const name of Object.keys(value)) yield bad(`that is deep in ${name}`, { body: `{"${name}":${deep}}` })
  yield bad('that is deep', { body: deep, status: 422 })
  yield bad('that is deep in its input', { body: `{"input":{"host":${deep}}}` })
}

/** JSON values of other types than a schema's. */
function* mutations(value: Readonly<Record<string, unknown>>): Generator<string> {
  for (const other of [null, [], [value], 'text', 42, true, {}]) yield JSON.stringify(other)
  yield JSON.stringify({ ...value, surprise: 1 })
  yield `{"__proto__":{},${JSON.stringify(value).slice(1)}`.replace(',}', '}')
  for (const name of Object.keys(value)) {
    const { [name]: _, ...rest } = value
    yield JSON.stringify(rest)
    for (const other of [null, [], [1], {}, 'x'.repeat(5_000), '', 42, -1.5, true, false]) {
      yield JSON.stringify({ ...value, [name]: other })
    }
  }
}
