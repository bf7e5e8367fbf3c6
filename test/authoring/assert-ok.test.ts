import { describe, expect, it, jest } from '@jest/globals'
import * as z from 'zod'
import { assertOk, CannotConnectError, readJson } from '../../src/index.ts'

const answer = (status: number, headers: Record<string, string> = {}): Response =>
  new Response('secret content', { status, headers })

const thrownFor = (response: Response): unknown => {
  try {
    return assertOk(response)
  } catch (error) {
    return error
  }
}

describe('assertOk', () => {
  it.each([200, 201, 299])('returns a response with status %d', async (status) => {
    const response = answer(status)
    expect(assertOk(response)).toBe(response)
    expect(await response.text()).toBe('secret content')
  })

  it.each([
    [401, 'invalid_auth'],
    [403, 'invalid_auth'],
    [408, 'cannot_connect'],
    [425, 'cannot_connect'],
    [500, 'cannot_connect'],
    [503, 'cannot_connect'],
    [599, 'cannot_connect'],
  ])('reports %d as %s, without the content', (status, code) => {
    const error = thrownFor(answer(status))
    expect(error).toMatchObject({ code, message: `The service answered with status ${status}.` })
  })

  it.each([[304], [400], [404], [410]])('reports %d as unexpected', (status) => {
    const response = status === 304 ? new Response(null, { status }) : answer(status)
    expect(thrownFor(response)).toEqual(new Error(`The service answered with status ${status}.`))
  })

  it.each([
    ['seconds', { 'retry-after': '7' }, 7],
    ['zero', { 'retry-after': '0' }, 60],
    [
      'a date, by the clock of the service',
      { 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT', date: 'Wed, 21 Oct 2015 07:28:00 GMT' },
      30,
    ],
    ['a date that has passed', { 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT' }, 60],
    ['nothing', {}, 60],
    ['another text', { 'retry-after': 'soon' }, 60],
    ['a negative number', { 'retry-after': '-7' }, 60],
    ['a reset that is not a number', { 'ratelimit-remaining': '0', 'ratelimit-reset': 'soon' }, 60],
  ])('waits after 429 with %s', (_, headers, retryAfter) => {
    expect(thrownFor(answer(429, headers))).toMatchObject({ code: 'rate_limited', retryAfter })
  })

  const date = 'Wed, 21 Oct 2015 07:28:00 GMT'
  const reset = String(Date.parse(date) / 1000 + 90)
  it.each([
    ['Retry-After', { 'retry-after': '7', 'x-ratelimit-remaining': '12' }, 7],
    ['a limit that is used up', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset, date }, 90],
    ['a limit without an end', { 'x-ratelimit-remaining': '0' }, 60],
    ['a limit that has ended', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1445412000' }, 60],
    ['a limit of the draft of the IETF', { 'ratelimit-remaining': '0', 'ratelimit-reset': '12' }, 12],
    ['a limit of X', { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': reset, date }, 90],
    ['a negative reset', { 'ratelimit-remaining': '0', 'ratelimit-reset': '-12' }, 60],
    ['an end in another unit', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${reset}000` }, 60],
  ])('waits after 403 with %s, without asking for a new sign-in', (_, headers, retryAfter) => {
    expect(thrownFor(answer(403, headers))).toMatchObject({ code: 'rate_limited', retryAfter })
  })

  it('reports 403 while the limit is not used up as a refused sign-in', () => {
    const headers = { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': reset }
    expect(thrownFor(answer(403, headers))).toMatchObject({ code: 'invalid_auth' })
  })
})

describe('a 403 with a body without an end', () => {
  it('is a refusal, after the beginning of the body', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(16_384))
    let chunks = 0
    const pull = (controller: ReadableStreamDefaultController) => {
      chunks++
      controller.enqueue(chunk)
    }
    const response = new Response(new ReadableStream({ pull }), { status: 403 })
    await expect(readJson(response, z.object({}))).rejects.toMatchObject({ code: 'invalid_auth' })
    expect(chunks).toBeLessThan(20)
  })

  it('is a refusal after five seconds if no more of it arrives', async () => {
    jest.useFakeTimers()
    const start = (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(1))
    const response = new Response(new ReadableStream({ start }), { status: 403 })
    const refused = expect(readJson(response, z.object({}))).rejects.toMatchObject({ code: 'invalid_auth' })
    await jest.advanceTimersByTimeAsync(5_000)
    jest.useRealTimers()
    await refused
  })

  it('is a refusal if its body was read, or breaks off', async () => {
    const read = new Response('{}', { status: 403 })
    await read.text()
    await expect(readJson(read, z.object({}))).rejects.toMatchObject({ code: 'invalid_auth' })
    const start = (controller: ReadableStreamDefaultController) => controller.error(new Error('reset'))
    const broken = new Response(new ReadableStream({ start }), { status: 403 })
    await expect(readJson(broken, z.object({}))).rejects.toMatchObject({ code: 'invalid_auth' })
  })
})

describe('readJson', () => {
  const Account = z.object({ id: z.string(), owner: z.object({ name: z.string() }) })
  const read = (body: string, status = 200) => readJson(new Response(body, { status }), Account)

  it('returns what the schema validates', async () => {
    expect(await read('{"id":"1","owner":{"name":"Ada"},"more":true}')).toEqual({
      id: '1',
      owner: { name: 'Ada' },
    })
  })

  it('reports a refused request like assertOk', async () => {
    await expect(read('{}', 401)).rejects.toMatchObject({ code: 'invalid_auth' })
    await expect(read('{}', 404)).rejects.toThrow('The service answered with status 404.')
  })

  const google = (reason: string) =>
    JSON.stringify({ error: { errors: [{ domain: 'usageLimits', reason }], code: 403 } })
  it.each([
    ['a rate of Google', google('userRateLimitExceeded'), 'rate_limited'],
    ['a quota of Google', google('quotaExceeded'), 'rate_limited'],
    [
      'a secondary rate limit of GitHub',
      '{"message":"You have exceeded a secondary rate limit."}',
      'rate_limited',
    ],
    ['an API of Google that is not enabled', google('accessNotConfigured'), 'invalid_auth'],
    ['another refusal', '{"message":"Forbidden","secondary rate limit":1}', 'invalid_auth'],
  ])('reports 403 for %s as %s', async (_, body, code) => {
    await expect(read(body, 403)).rejects.toMatchObject({ code })
  })

  it.each([
    ['<html>secret content</html>', 'The answer of the service is not JSON.'],
    ['', 'The answer of the service is not JSON.'],
    ['"secret content"', 'The answer of the service is not as expected.'],
    ['{"id":"1"}', '"owner" in the answer of the service is not as expected.'],
    ['{"id":"1","owner":{"name":7}}', '"owner.name" in the answer of the service is not as expected.'],
  ])('reports %j as an unreachable service, without its content', async (body, message) => {
    const error = await read(body).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'cannot_connect', message })
    expect((error as Error).cause).toBeUndefined()
  })

  const Name = z.object({ name: z.string() })
  interface Tree {
    readonly children: readonly Tree[]
  }
  const Tree: z.ZodType<Tree> = z.object({ children: z.lazy(() => z.array(Tree)) })
  it.each<[z.ZodType, unknown, string]>([
    [z.record(z.string(), z.string()), { 'secret-key': 7 }, 'The answer'],
    [z.record(z.string(), Name), { 'secret-key': { name: 7 } }, 'The answer'],
    [
      z.object({ byToken: z.record(z.string(), Name) }),
      { byToken: { 'secret-key': {} } },
      '"byToken" in the answer',
    ],
    [z.record(z.string().max(3), z.string()), { 'secret-key': '' }, 'The answer'],
    [
      z.object({ users: z.object({}).catchall(Name) }),
      { users: { 'secret-key': 7 } },
      '"users" in the answer',
    ],
    [
      z.object({ all: z.array(Name).optional() }),
      { all: [{ name: 'Ada' }, {}] },
      '"all.1.name" in the answer',
    ],
    [z.tuple([Name.nullable()]), [{ name: 7 }], '"0.name" in the answer'],
    [z.record(z.string(), z.string()), { 4711: 7 }, 'The answer'],
    [z.object({ a: Name.and(z.object({ id: z.string() })) }), { a: { name: '' } }, '"a.id" in the answer'],
    [Tree, { children: [{ children: [{}] }] }, '"children.0.children.0.children" in the answer'],
    [
      z.unknown().superRefine((_, context) => {
        context.addIssue({ code: 'custom', path: ['secret-key'] })
      }),
      {},
      'The answer',
    ],
  ])('names members that the schema %# names, and no other key', async (schema, body, place) => {
    const reading = readJson(new Response(JSON.stringify(body)), schema)
    await expect(reading).rejects.toThrow(
      new CannotConnectError(`${place} of the service is not as expected.`),
    )
  })
})
