import type { Discovery, StartRequest } from '../engine/api/flows.ts'
import type { View } from '../view.ts'
import { flowShownTo } from './details.ts'
import { accessibleFlow, requireManage, requireRight } from './flow-access.ts'
import { type AnyOperation, answer, operation } from './operation.ts'
import { requiredRevision } from './revision.ts'
import * as wire from './schemas.ts'

/** The content of an import, which the engine validates. */
type Imported = Required<Pick<StartRequest, 'options' | 'subentries'>>

const flowView = { description: 'The flow.', schema: wire.View }

/** The responses of an operation that opens a flow. */
export const openedFlow = {
  200: { ...flowView, description: 'The flow, which was open before: `joined`.' },
  201: { ...flowView, description: 'The new flow.' },
}

/** Returns the operations on flows. `basePath` is the prefix of the `Location` of a new flow. */
export const flowOperations = (basePath: string): readonly AnyOperation[] => [
  operation({
    method: 'post',
    path: '/flows',
    summary:
      'Open a flow, or return the open flow that edits the entry. Sources other than `reauth` require the right `manage`.',
    right: 'repair',
    headers: wire.IdempotencyKey,
    body: wire.StartBody,
    answers: openedFlow,
    async run({ latchkey, access, headers, body }) {
      if (body.source !== 'reauth') requireManage(access.rights)
      const view = await latchkey.flows.start(
        {
          source: body.source,
          ...(body.domain !== undefined && { domain: body.domain }),
          ...(body.entryId !== undefined && { entryId: body.entryId }),
          ...(body.from !== undefined && { from: body.from }),
          ...(body.type !== undefined && { type: body.type }),
          ...(body.subentryId !== undefined && { subentryId: body.subentryId }),
          ...(body.discovery !== undefined && { discovery: body.discovery as Discovery }),
          ...(body.input !== undefined && { input: body.input }),
          ...(body.options !== undefined && { options: body.options as Imported['options'] }),
          ...(body.subentries !== undefined && { subentries: body.subentries as Imported['subentries'] }),
        },
        startBy(access, headers['idempotency-key']),
      )
      return opened(basePath, flowShownTo(access, view))
    },
  }),
  operation({
    method: 'get',
    path: '/flows',
    summary: 'List the open flows.',
    right: 'read',
    query: wire.PageQuery.extend({
      domain: wire.StartBody.shape.domain,
      entryId: wire.StartBody.shape.entryId,
    }),
    answers: { 200: { description: 'A page of flows.', schema: wire.page(wire.View) } },
    async run({ latchkey, access, query }) {
      const page = await latchkey.flows.list(definedOf(query))
      return answer({ ...page, items: page.items.map((view) => flowShownTo(access, view)) })
    },
  }),
  operation({
    method: 'get',
    path: '/flows/{flowId}',
    summary: 'Get a flow. Has no side effects.',
    right: 'read',
    repairable: true,
    params: wire.FlowParams,
    answers: { 200: flowView },
    async run(call) {
      return answer(flowShownTo(call.access, await accessibleFlow(call)))
    },
  }),
  operation({
    method: 'post',
    path: '/flows/{flowId}',
    summary:
      'Submit a form, choose from a menu, load choices again, go back, or poll for a code that the user enters on another device.',
    right: 'repair',
    repairable: true,
    params: wire.FlowParams,
    headers: wire.RequiredIfMatch,
    body: wire.SubmitBody,
    answers: { 200: flowView },
    async run(call) {
      const { latchkey, access, params, headers, body } = call
      if ('poll' in body) {
        await requireRight(call)
        return answer(flowShownTo(access, await latchkey.flows.poll(params.flowId, access)))
      }
      const revision = requiredRevision(headers['if-match'])
      await requireRight(call)
      const options = { revision, principal: access.principal }
      const { flows } = latchkey
      const next =
        'input' in body
          ? flows.submit(params.flowId, body.input, options)
          : 'back' in body
            ? flows.back(params.flowId, options)
            : 'retry' in body
              ? flows.retry(params.flowId, options)
              : flows.choose(params.flowId, body.choice, options)
      return answer(flowShownTo(access, await next))
    },
  }),
  operation({
    method: 'post',
    path: '/flows/{flowId}/ignore',
    summary: 'Ignore a discovered account or device. To undo it, remove the ignored entry.',
    right: 'manage',
    params: wire.FlowParams,
    answers: { 200: { ...flowView, description: 'The result of the flow.' } },
    run: async ({ latchkey, access, params }) =>
      answer(flowShownTo(access, await latchkey.flows.ignore(params.flowId, access))),
  }),
  operation({
    method: 'delete',
    path: '/flows/{flowId}',
    summary: 'Cancel a flow and abort its work, or close the other account that a result has found.',
    right: 'repair',
    params: wire.FlowParams,
    answers: { 200: { ...flowView, description: 'The result of the flow.' } },
    async run(call) {
      const { latchkey, access, params } = call
      await requireRight(call)
      return answer(flowShownTo(access, await latchkey.flows.cancel(params.flowId, access)))
    },
  }),
]

/** Returns the principal of a start, and its idempotency key if there is one. */
export const startBy = ({ principal }: { readonly principal: string }, key: string | undefined) => ({
  principal,
  ...(key !== undefined && { idempotencyKey: key }),
})

/** Returns the response to an opened flow. Only a new one has status 201, and one that aborted immediately no `Location`. */
export function opened(basePath: string, view: View): Response {
  const headers = view.type === 'abort' ? {} : { location: `${basePath}/flows/${view.flowId}` }
  return answer(view, { status: view.joined === true ? 200 : 201, headers })
}

/** Returns the parameters of a query that are set. */
export function definedOf<Query extends object>(
  query: Query,
): { [Key in keyof Query]-?: NonNullable<Query[Key]> } {
  const present = Object.entries(query).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as { [Key in keyof Query]-?: NonNullable<Query[Key]> }
}
