import type { Discovery } from '../engine/api/flows.ts'
import type { View } from '../view.ts'
import { demandManage, demandRight, reachable } from './flow-access.ts'
import { type AnyOperation, answer, operation } from './operation.ts'
import { neededRevision } from './revision.ts'
import * as wire from './schemas.ts'

const flowView = { description: 'How the flow stands.', schema: wire.View }

/** The operations on flows. `basePath` is for the Location of a new one. */
export const flowOperations = (basePath: string): readonly AnyOperation[] => [
  operation({
    method: 'post',
    path: '/flows',
    summary:
      'Opens a flow, or answers with the open one that edits the entry. Discoveries and imports are for hosts, and take the right manage.',
    right: 'repair',
    headers: wire.IdempotencyKey,
    body: wire.StartBody,
    answers: { 201: flowView },
    async run({ latchkey, access, headers, body }) {
      if (body.source !== 'reauth') demandManage(access.rights)
      const key = headers['idempotency-key']
      const view = await latchkey.flows.start(
        {
          source: body.source,
          ...(body.domain !== undefined && { domain: body.domain }),
          ...(body.entryId !== undefined && { entryId: body.entryId }),
          ...(body.type !== undefined && { type: body.type }),
          ...(body.subentryId !== undefined && { subentryId: body.subentryId }),
          ...(body.discovery !== undefined && { discovery: body.discovery as Discovery }),
          ...(body.input !== undefined && { input: body.input }),
        },
        { principal: access.principal, ...(key !== undefined && { idempotencyKey: key }) },
      )
      return opened(basePath, view)
    },
  }),
  operation({
    method: 'get',
    path: '/flows',
    summary: 'The open flows.',
    right: 'read',
    query: wire.PageQuery.extend({
      domain: wire.StartBody.shape.domain,
      entryId: wire.StartBody.shape.entryId,
    }),
    answers: { 200: { description: 'A page of them.', schema: wire.page(wire.View) } },
    run: async ({ latchkey, query }) => answer(await latchkey.flows.list(given(query))),
  }),
  operation({
    method: 'get',
    path: '/flows/{flowId}',
    summary: 'How a flow stands; asking moves nothing.',
    right: 'read',
    repairable: true,
    params: wire.FlowParams,
    answers: { 200: flowView },
    async run(call) {
      return answer(await reachable(call))
    },
  }),
  operation({
    method: 'post',
    path: '/flows/{flowId}',
    summary: 'Submits a form, goes back, chooses, or asks whether a code was entered elsewhere.',
    right: 'repair',
    repairable: true,
    params: wire.FlowParams,
    headers: wire.NeededIfMatch,
    body: wire.SubmitBody,
    answers: { 200: flowView },
    async run(call) {
      const { latchkey, access, params, headers, body } = call
      if ('poll' in body) {
        await demandRight(call)
        return answer(await latchkey.flows.poll(params.flowId, access))
      }
      const revision = neededRevision(headers['if-match'])
      await demandRight(call)
      const options = { revision, principal: access.principal }
      if ('input' in body) return answer(await latchkey.flows.submit(params.flowId, body.input, options))
      if ('back' in body) return answer(await latchkey.flows.back(params.flowId, options))
      return answer(await latchkey.flows.choose(params.flowId, body.choice, options))
    },
  }),
  operation({
    method: 'post',
    path: '/flows/{flowId}/ignore',
    summary: 'Keeps what was found from being offered again; undone by removing the ignored entry.',
    right: 'manage',
    params: wire.FlowParams,
    answers: { 200: { ...flowView, description: 'Its end.' } },
    run: async ({ latchkey, access, params }) => answer(await latchkey.flows.ignore(params.flowId, access)),
  }),
  operation({
    method: 'delete',
    path: '/flows/{flowId}',
    summary: 'Cancels a flow, and calls its work back.',
    right: 'repair',
    params: wire.FlowParams,
    answers: { 200: { ...flowView, description: 'Its end.' } },
    async run(call) {
      const { latchkey, access, params } = call
      await demandRight(call)
      return answer(await latchkey.flows.cancel(params.flowId, access))
    },
  }),
]

/** The answer to who opens a flow. One that ended at once is told, and not kept: it has no place. */
export function opened(basePath: string, view: View): Response {
  const headers = view.type === 'abort' ? {} : { location: `${basePath}/flows/${view.flowId}` }
  return answer(view, { status: 201, headers })
}

/** What a query says, without what it leaves out. */
export function given<Query extends object>(
  query: Query,
): { [Key in keyof Query]-?: NonNullable<Query[Key]> } {
  const said = Object.entries(query).filter(([, value]) => value !== undefined)
  return Object.fromEntries(said) as { [Key in keyof Query]-?: NonNullable<Query[Key]> }
}
