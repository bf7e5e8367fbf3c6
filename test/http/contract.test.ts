import { describe, expect, it } from '@jest/globals'
import { Validator } from '@seriousme/openapi-schema-validator'
import { invalid, send, valid } from './asked.ts'
import type { Asked } from './bad-bodies.ts'
import { type Described, Document } from './described.ts'
import { type Planted, plant } from './planted.ts'

const document = await described()

async function described(): Promise<Document> {
  const planted = await plant()
  const headers = { authorization: `Bearer ${planted.handler.startToken}` }
  const response = await planted.handler(new Request('http://127.0.0.1/openapi.json', { headers }))
  await planted.end()
  return new Document((await response.json()) as Record<string, unknown>)
}

/** Asks, and holds the answer against its description. @returns the status */
async function check(operation: Described, planted: Planted, asked: Asked): Promise<number> {
  const response = await send(planted, operation, asked)
  const told = `${operation.method} ${operation.path} ${asked.title}`
  await expectDescribed(operation, response, told)
  if (asked.status !== undefined) expect([told, response.status]).toEqual([told, asked.status])
  return response.status
}

async function expectDescribed({ answers }: Described, response: Response, told: string): Promise<void> {
  const { status, headers } = response
  const answer = answers[status] ?? answers.default
  const [type, content] = Object.entries(answer?.content ?? {})[0] ?? [null, null]
  const given = headers.get('content-type')?.split(';')[0] ?? null
  expect([told, status < 500, given]).toEqual([told, true, type])
  expect(headers.get('cache-control')).toBe('no-store')
  expect(answers[status] !== undefined).toBe(status < 300)
  if (type === 'text/event-stream') return response.body?.cancel()
  const text = await response.text()
  if (content === null) return expect([told, text]).toEqual([told, ''])
  const body = JSON.parse(text)
  expect([told, Document.faults(document.whole(content.schema), body)]).toEqual([told, []])
  const shown = status < 300 ? body : (body.view ?? {})
  expect(headers.get('etag')).toBe('revision' in shown ? `"${shown.revision}"` : null)
  if (status < 400) return
  expect([told, body.status]).toEqual([told, status])
  expect(body.type).toBe(`urn:problem-type:latchkey:${body.code.toLowerCase().replaceAll('_', '-')}`)
}

/** Asks whatever is valid, each time in a world of its own. */
async function checkValid(operation: Described): Promise<number[]> {
  const statuses: number[] = []
  let planted = await plant()
  for (const asked of valid(operation, () => planted.ids)) {
    statuses.push(await check(operation, planted, asked))
    await planted.end()
    planted = await plant()
  }
  await planted.end()
  return statuses
}

/** Asks whatever is not, in one world: it moves nothing. */
async function checkInvalid(operation: Described): Promise<number[]> {
  const planted = await plant()
  const statuses: number[] = []
  for (const asked of invalid(operation, planted.ids)) statuses.push(await check(operation, planted, asked))
  await planted.end()
  return statuses
}

describe('the OpenAPI document', () => {
  it('is one', async () => {
    expect(await new Validator().validate({ ...document.raw })).toEqual({ valid: true })
  })

  it('describes every operation', () => {
    const all = document.operations.map(({ method, path }) => `${method} ${path}`)
    expect(all.sort()).toEqual([
      'DELETE /entries/{entryId}',
      'DELETE /entries/{entryId}/links',
      'DELETE /entries/{entryId}/subentries/{subentryId}',
      'DELETE /flows/{flowId}',
      'GET /attention',
      'GET /entries',
      'GET /entries/{entryId}',
      'GET /entries/{entryId}/history',
      'GET /events',
      'GET /flows',
      'GET /flows/{flowId}',
      'GET /healthz',
      'GET /integrations',
      'GET /oauth/begin/{flowId}',
      'GET /oauth/callback/{domain}',
      'GET /openapi.json',
      'PATCH /entries/{entryId}',
      'POST /entries/{entryId}/disable',
      'POST /entries/{entryId}/dismiss',
      'POST /entries/{entryId}/enable',
      'POST /entries/{entryId}/links',
      'POST /entries/{entryId}/reauth',
      'POST /entries/{entryId}/reconfigure',
      'POST /entries/{entryId}/reload',
      'POST /entries/{entryId}/replace',
      'POST /flows',
      'POST /flows/{flowId}',
      'POST /flows/{flowId}/authorize',
      'POST /flows/{flowId}/ignore',
      'POST /link',
    ])
  })
})

/** What a browser is sent to has a test of its own: it is never told more than where to go on. */
const called = document.operations.filter(({ path }) => !path.startsWith('/oauth/'))

describe.each(called)('$method $path', (operation) => {
  it('answers what is as described as it is described', async () => {
    const statuses = await checkValid(operation)
    // The planted flow asks for fields: no sign-in begins there.
    const isElsewhere = operation.path.endsWith('/authorize')
    expect(statuses.some((status) => (isElsewhere ? status === 409 : status < 400))).toBe(true)
    // What is asked is understood, whatever comes of it; only a link may be nobody's.
    const misunderstood = operation.path === '/link' ? [400, 413, 415, 428] : [400, 401, 403, 413, 415, 428]
    expect(statuses.filter((status) => misunderstood.includes(status))).toEqual([])
    const names = operation.path.includes('{') && !operation.path.endsWith('/history')
    expect(statuses.includes(404)).toBe(names || (operation.method === 'POST' && operation.path === '/flows'))
  })

  it('refuses what is not', async () => {
    const statuses = await checkInvalid(operation)
    expect(statuses.some((status) => status >= 400)).toBe(operation.secured || operation.body !== null)
  })
})
