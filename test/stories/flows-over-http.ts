import { type Authorize, type Handler, latchkeyHandler } from '../../src/http/index.ts'
import type { Latchkey, ScopedLatchkey, View } from '../../src/index.ts'

type Flows = ScopedLatchkey['flows']

const publicUrl = 'http://hub.example'
const handlers = new WeakMap<Latchkey, Handler>()

/** The flows of one scope. Each call is a request to the handler. */
export function flowsOverHttp(latchkey: Latchkey, scope: string): Flows {
  const handler = handlers.get(latchkey) ?? latchkeyHandler(latchkey, { authorize, publicUrl })
  handlers.set(latchkey, handler)
  const call = async (method: string, path: string, body?: object, revision?: number) => {
    const headers = {
      authorization: scope,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(revision !== undefined && { 'if-match': `"${revision}"` }),
    }
    const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const response = await handler(new Request(`${publicUrl}${path}`, sent))
    // biome-ignore lint/suspicious/noExplicitAny: the stories give its type
    const answer = (await response.json()) as any
    if (!response.ok) throw new Refusal(answer)
    return answer
  }
  const at = (flowId: string): string => `/flows/${encodeURIComponent(flowId)}`
  const move = (flowId: string, body: object, revision: number): Promise<View> =>
    call('POST', at(flowId), body, revision)
  return {
    start: (request) => call('POST', '/flows', request),
    submit: (flowId, input, { revision }) => move(flowId, { input }, revision),
    choose: (flowId, choice, { revision }) => move(flowId, { choice }, revision),
    retry: (flowId, { revision }) => move(flowId, { retry: true }, revision),
    back: (flowId, { revision }) => move(flowId, { back: true }, revision),
    get: (flowId) => call('GET', at(flowId)),
    list: (query = {}) => call('GET', `/flows?${new URLSearchParams(query as Record<string, string>)}`),
    ignore: (flowId) => call('POST', `${at(flowId)}/ignore`),
    authorize: async (flowId, { revision }) => {
      const view = await call('POST', `${at(flowId)}/authorize`, undefined, revision)
      return { view, browser: null }
    },
    poll: (flowId) => move(flowId, { poll: true }, 0),
    cancel: (flowId) => call('DELETE', at(flowId)),
  }
}

/** Every caller has all rights in the scope that it names. */
const authorize: Authorize = ({ headers }) => ({
  scope: headers.get('authorization') ?? '',
  principal: 'host',
  rights: ['manage'],
})

/** A problem with the members of its error. */
class Refusal extends Error {
  constructor(problem: { readonly code: string; readonly detail: string }) {
    super(problem.detail)
    // A 404 over HTTP does not name the missing record. The story does.
    const unknown = problem.code === 'NOT_FOUND'
    Object.assign(this, problem, unknown && { code: 'UNKNOWN_ENTRY' })
  }
}
