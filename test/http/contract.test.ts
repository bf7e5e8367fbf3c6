import { describe, expect, it } from '@jest/globals'
import { Validator } from '@seriousme/openapi-schema-validator'
import { createFixtures, type Fixtures } from './fixtures.ts'
import type { TestRequest } from './invalid-bodies.ts'
import { Document, type OperationDoc } from './openapi-document.ts'
import { invalid, send, valid } from './requests.ts'

const document = await described()

async function described(): Promise<Document> {
  const fixtures = await createFixtures()
  const headers = { authorization: `Bearer ${fixtures.handler.startToken}` }
  const response = await fixtures.handler(new Request('http://127.0.0.1/openapi.json', { headers }))
  await fixtures.end()
  return new Document((await response.json()) as Record<string, unknown>)
}

/** Sends a request and validates the response against the document. @returns the status */
async function check(operation: OperationDoc, fixtures: Fixtures, request: TestRequest): Promise<number> {
  const response = await send(fixtures, operation, request)
  const title = `${operation.method} ${operation.path} ${request.title}`
  await expectDescribed(operation, response, title)
  if (request.status !== undefined) expect([title, response.status]).toEqual([title, request.status])
  return response.status
}

async function expectDescribed({ answers }: OperationDoc, response: Response, title: string): Promise<void> {
  const { status, headers } = response
  const answer = answers[status] ?? answers.default
  const [type, content] = Object.entries(answer?.content ?? {})[0] ?? [null, null]
  const contentType = headers.get('content-type')?.split(';')[0] ?? null
  expect([title, status < 500, contentType]).toEqual([title, true, type])
  expect(headers.get('cache-control')).toBe('no-store')
  expect(answers[status] !== undefined).toBe(status < 300)
  if (type === 'text/event-stream') return response.body?.cancel()
  const text = await response.text()
  if (content === null) return expect([title, text]).toEqual([title, ''])
  const body = JSON.parse(text)
  expect([title, Document.faults(document.whole(content.schema), body)]).toEqual([title, []])
  const shown = status < 300 ? body : (body.view ?? {})
  expect(headers.get('etag')).toBe('revision' in shown ? `"${shown.revision}"` : null)
  if (status < 400) return
  expect([title, body.status]).toEqual([title, status])
  expect(body.type).toBe(`urn:problem-type:latchkey:${body.code.toLowerCase().replaceAll('_', '-')}`)
}

/** Sends all valid requests, each in a separate world. */
async function checkValid(operation: OperationDoc): Promise<number[]> {
  const statuses: number[] = []
  let fixtures = await createFixtures()
  for (const request of valid(operation, () => fixtures.ids)) {
    statuses.push(await check(operation, fixtures, request))
    await fixtures.end()
    fixtures = await createFixtures()
  }
  await fixtures.end()
  return statuses
}

/** Sends all invalid requests in one world, because they have no side effects. */
async function checkInvalid(operation: OperationDoc): Promise<number[]> {
  const fixtures = await createFixtures()
  const statuses: number[] = []
  for (const request of invalid(operation, fixtures.ids))
    statuses.push(await check(operation, fixtures, request))
  await fixtures.end()
  return statuses
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI', async () => {
    expect(await new Validator().validate({ ...document.raw })).toEqual({ valid: true })
  })

  it('describes every operation', () => {
    const all = document.operations.map(({ method, path }) => `${method} ${path}`)
    expect(all.sort()).toEqual([
      'DELETE /entries/{entryId}',
      'DELETE /entries/{entryId}/links',
      'DELETE /entries/{entryId}/reauth',
      'DELETE /entries/{entryId}/subentries/{subentryId}',
      'DELETE /flows/{flowId}',
      'DELETE /webhooks/{webhookId}',
      'GET /attention',
      'GET /entries',
      'GET /entries/{entryId}',
      'GET /entries/{entryId}/diagnostics',
      'GET /entries/{entryId}/history',
      'GET /entries/{entryId}/options',
      'GET /events',
      'GET /flows',
      'GET /flows/{flowId}',
      'GET /health/live',
      'GET /health/ready',
      'GET /integrations',
      'GET /oauth/begin/{flowId}',
      'GET /oauth/callback/{domain}',
      'GET /openapi.json',
      'GET /page',
      'GET /webhooks',
      'GET /webhooks/{webhookId}/deliveries',
      'PATCH /entries/{entryId}',
      'PATCH /webhooks/{webhookId}',
      'POST /entries/{entryId}/disable',
      'POST /entries/{entryId}/dismiss',
      'POST /entries/{entryId}/enable',
      'POST /entries/{entryId}/links',
      'POST /entries/{entryId}/reauth',
      'POST /entries/{entryId}/reconfigure',
      'POST /entries/{entryId}/reload',
      'POST /entries/{entryId}/replace',
      'POST /entries/{entryId}/unload',
      'POST /flows',
      'POST /flows/{flowId}',
      'POST /flows/{flowId}/authorize',
      'POST /flows/{flowId}/ignore',
      'POST /link',
      'POST /oauth/callback/{domain}',
      'POST /webhooks',
      'POST /webhooks/{webhookId}/secret',
      'POST /webhooks/{webhookId}/test',
    ])
  })
})

/** Redirects for browsers and the readiness of a process have separate tests. */
const called = document.operations.filter(({ path }) => !/^\/(oauth\/|health\/ready$)/.test(path))

describe.each(called)('$method $path', (operation) => {
  it('answers valid requests as described', async () => {
    const statuses = await checkValid(operation)
    // The form of the prepared flow asks for fields, so no sign-in begins.
    const isElsewhere = operation.path.endsWith('/authorize')
    expect(statuses.some((status) => (isElsewhere ? status === 409 : status < 400))).toBe(true)
    // The request is valid, regardless of its result. Only the link may be unknown.
    const misunderstood = operation.path === '/link' ? [400, 413, 415, 428] : [400, 401, 403, 413, 415, 428]
    expect(statuses.filter((status) => misunderstood.includes(status))).toEqual([])
    const names = operation.path.includes('{') && !operation.path.endsWith('/history')
    expect(statuses.includes(404)).toBe(names || (operation.method === 'POST' && operation.path === '/flows'))
  })

  it('rejects invalid requests', async () => {
    const statuses = await checkInvalid(operation)
    expect(statuses.some((status) => status >= 400)).toBe(operation.secured || operation.body !== null)
  })
})
