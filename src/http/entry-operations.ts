import { given, opened } from './flow-operations.ts'
import { type AnyOperation, answer, operation } from './operation.ts'
import type { RepairLinks } from './repair-links.ts'
import { reply } from './reply.ts'
import { revisionOf } from './revision.ts'
import * as wire from './schemas.ts'

const entryView = { description: 'How the entry stands.', schema: wire.EntryView }
const flowView = { description: 'The flow that asks.', schema: wire.View }
const nothing = { description: 'Done.' }

/** The operations on entries. `links` is null where repair links are off. */
export const entryOperations = (basePath: string, links: RepairLinks | null): readonly AnyOperation[] => [
  operation({
    method: 'get',
    path: '/entries',
    summary: 'The entries, without their fields; those that are ignored where asked.',
    right: 'read',
    query: wire.PageQuery.extend({ domain: wire.StartBody.shape.domain, ignored: wire.Flag }),
    answers: { 200: { description: 'A page of them.', schema: wire.page(wire.EntryView) } },
    run: async ({ latchkey, query }) => answer(await latchkey.entries.list(given(query))),
  }),
  operation({
    method: 'get',
    path: '/entries/{entryId}',
    summary: 'How an entry stands.',
    right: 'read',
    params: wire.EntryParams,
    answers: { 200: entryView },
    run: async ({ latchkey, params }) => answer(await latchkey.entries.get(params.entryId)),
  }),
  operation({
    method: 'patch',
    path: '/entries/{entryId}',
    summary: 'Renames an entry.',
    right: 'manage',
    params: wire.EntryParams,
    headers: wire.IfMatch,
    body: wire.RenameBody,
    answers: { 200: entryView },
    async run({ latchkey, access: { principal }, params, headers, body }) {
      const revision = revisionOf(headers['if-match'])
      const by = { principal, ...(revision !== null && { revision }) }
      return answer(await latchkey.entries.update(params.entryId, body, by))
    },
  }),
  operation({
    method: 'delete',
    path: '/entries/{entryId}',
    summary: 'Removes an entry and its credential; its history stays.',
    right: 'manage',
    params: wire.EntryParams,
    answers: { 204: nothing },
    async run({ latchkey, access, params }) {
      await latchkey.entries.remove(params.entryId, access)
      return reply(null, 204, {})
    },
  }),
  operation({
    method: 'post',
    path: '/entries/{entryId}/reload',
    summary: 'Connects an entry anew; a credential that was refused is tried once more where asked.',
    right: 'repair',
    params: wire.EntryParams,
    body: wire.ReloadBody,
    bodyOptional: true,
    answers: { 200: entryView },
    async run({ latchkey, access: { principal }, params, body }) {
      const retryRejected = body.retryRejected === true
      return answer(await latchkey.entries.reload(params.entryId, { principal, retryRejected }))
    },
  }),
  ...(['enable', 'disable'] as const).map((action) =>
    operation({
      method: 'post',
      path: `/entries/{entryId}/${action}`,
      summary:
        action === 'enable' ? 'Switches an entry on.' : 'Switches an entry off, and closes its connection.',
      right: 'manage',
      params: wire.EntryParams,
      answers: { 200: entryView },
      run: async ({ latchkey, access, params }) =>
        answer(await latchkey.entries[action](params.entryId, access)),
    }),
  ),
  operation({
    method: 'post',
    path: '/entries/{entryId}/dismiss',
    summary: 'Takes a new address that was announced out of the attention list.',
    right: 'manage',
    params: wire.EntryParams,
    answers: { 200: entryView },
    run: async ({ latchkey, access, params }) =>
      answer(await latchkey.entries.dismissProposal(params.entryId, access)),
  }),
  operation({
    method: 'delete',
    path: '/entries/{entryId}/subentries/{subentryId}',
    summary: 'Removes something under an entry, which connects anew without it.',
    right: 'manage',
    params: wire.SubentryParams,
    answers: { 200: entryView },
    run: async ({ latchkey, access, params: { entryId, subentryId } }) =>
      answer(await latchkey.entries.removeSubentry(entryId, subentryId, access)),
  }),
  ...(['reauth', 'reconfigure', 'replace'] as const).map((source) =>
    operation({
      method: 'post',
      path: `/entries/{entryId}/${source}`,
      summary: `Opens the ${source} flow of an entry, or answers with the open one.`,
      right: source === 'reauth' ? 'repair' : 'manage',
      params: wire.EntryParams,
      answers: { 201: flowView },
      async run({ latchkey, access, params: { entryId } }) {
        return opened(basePath, await latchkey.flows.start({ source, entryId }, access))
      },
    }),
  ),
  operation({
    method: 'get',
    path: '/entries/{entryId}/history',
    summary: 'What happened to an entry, oldest first; it outlives the entry.',
    right: 'read',
    params: wire.EntryParams,
    query: wire.PageQuery,
    answers: { 200: { description: 'A page of it.', schema: wire.page(wire.AuditRow) } },
    run: async ({ latchkey, params, query }) => answer(await latchkey.history(params.entryId, given(query))),
  }),
  ...(links === null ? [] : linkOperations(links)),
]

const linkOperations = (links: RepairLinks): readonly AnyOperation[] => [
  operation({
    method: 'post',
    path: '/entries/{entryId}/links',
    summary: 'Makes a link with which somebody else may repair this entry, and do nothing more.',
    right: 'manage',
    params: wire.EntryParams,
    answers: { 201: { description: 'The link, and when it expires.', schema: wire.Link } },
    run: async ({ latchkey, access, params, request }) =>
      answer(await links.make(latchkey, access.scope, params.entryId, request), { status: 201 }),
  }),
  operation({
    method: 'delete',
    path: '/entries/{entryId}/links',
    summary: 'Revokes every repair link of an entry, and the sessions that came of them.',
    right: 'manage',
    params: wire.EntryParams,
    answers: { 204: nothing },
    async run({ latchkey, access, params }) {
      await latchkey.entries.revokeLinks(params.entryId, access)
      return reply(null, 204, {})
    },
  }),
]
