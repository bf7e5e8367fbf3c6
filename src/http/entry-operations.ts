import { flowShownTo, shownTo } from './details.ts'
import { definedOf, opened, openedFlow, startBy } from './flow-operations.ts'
import { type AnyOperation, answer, operation } from './operation.ts'
import type { RepairLinks } from './repair-links.ts'
import { reply } from './reply.ts'
import { revisionOf } from './revision.ts'
import * as wire from './schemas.ts'

const entryView = { description: 'The entry.', schema: wire.EntryView }
const noContent = { description: 'Done. The response has no body.' }

/** Returns the operations on entries. Pass `null` as `links` if repair links are disabled. */
export const entryOperations = (basePath: string, links: RepairLinks | null): readonly AnyOperation[] => [
  operation({
    method: 'get',
    path: '/entries',
    summary:
      'List entries, or search them. Field values are never included. Ignored entries are listed only with `ignored=true`. The first page has the counts of the scope. A page can have fewer items than `limit` although another one follows.',
    right: 'read',
    query: wire.EntriesQuery,
    answers: { 200: { description: 'A page of entries.', schema: wire.EntryPage } },
    async run({ latchkey, access, query }) {
      const page = await latchkey.entries.list(definedOf(query))
      return answer({ ...page, items: page.items.map((entry) => shownTo(access, entry)) })
    },
  }),
  operation({
    method: 'get',
    path: '/entries/{entryId}',
    summary: 'Get an entry.',
    right: 'read',
    params: wire.EntryParams,
    answers: { 200: entryView },
    run: async ({ latchkey, access, params }) =>
      answer(shownTo(access, await latchkey.entries.get(params.entryId))),
  }),
  operation({
    method: 'patch',
    path: '/entries/{entryId}',
    summary: 'Rename an entry.',
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
    summary: 'Remove an entry and its credential. Its history remains.',
    right: 'manage',
    params: wire.EntryParams,
    answers: { 204: noContent },
    async run({ latchkey, access, params }) {
      await latchkey.entries.remove(params.entryId, access)
      return reply(null, 204, {})
    },
  }),
  operation({
    method: 'post',
    path: '/entries/{entryId}/reload',
    summary: 'Reload an entry. With `retryRejected`, also retry a rejected credential.',
    right: 'repair',
    params: wire.EntryParams,
    body: wire.ReloadBody,
    bodyOptional: true,
    answers: { 200: entryView },
    async run({ latchkey, access, params, body }) {
      const { principal } = access
      const retryRejected = body.retryRejected === true
      return answer(
        shownTo(access, await latchkey.entries.reload(params.entryId, { principal, retryRejected })),
      )
    },
  }),
  operation({
    method: 'post',
    path: '/entries/{entryId}/unload',
    summary:
      'Unload an entry and close its connection. With `force`, also release a connection that does not close.',
    right: 'manage',
    params: wire.EntryParams,
    body: wire.UnloadBody,
    bodyOptional: true,
    answers: { 200: entryView },
    run: async ({ latchkey, params, body }) =>
      answer(await latchkey.entries.unload(params.entryId, { force: body.force === true })),
  }),
  ...(['enable', 'disable'] as const).map((action) =>
    operation({
      method: 'post',
      path: `/entries/{entryId}/${action}`,
      summary: action === 'enable' ? 'Enable an entry.' : 'Disable an entry and close its connection.',
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
    summary: 'Dismiss a proposed address change.',
    right: 'manage',
    params: wire.EntryParams,
    answers: { 200: entryView },
    run: async ({ latchkey, access, params }) =>
      answer(await latchkey.entries.dismissProposal(params.entryId, access)),
  }),
  operation({
    method: 'delete',
    path: '/entries/{entryId}/subentries/{subentryId}',
    summary: 'Remove a sub-entry and reload the entry.',
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
      summary: `Open the ${source} flow of an entry, or return the one that is already open.`,
      right: source === 'reauth' ? 'repair' : 'manage',
      params: wire.EntryParams,
      headers: wire.IdempotencyKey,
      answers: openedFlow,
      async run({ latchkey, access, headers, params: { entryId } }) {
        const by = startBy(access, headers['idempotency-key'])
        return opened(basePath, flowShownTo(access, await latchkey.flows.start({ source, entryId }, by)))
      },
    }),
  ),
  operation({
    method: 'delete',
    path: '/entries/{entryId}/reauth',
    summary: 'Withdraw a requested reauthentication. Refused after the service has rejected the credential.',
    right: 'manage',
    params: wire.EntryParams,
    answers: { 200: entryView },
    run: async ({ latchkey, access, params }) =>
      answer(await latchkey.entries.withdrawReauth(params.entryId, access)),
  }),
  operation({
    method: 'get',
    path: '/entries/{entryId}/history',
    summary:
      'List the history of an entry. Also works for removed entries. With `kinds`, a page can have fewer items than `limit` although another one follows.',
    right: 'read',
    params: wire.EntryParams,
    query: wire.HistoryQuery,
    answers: { 200: { description: 'A page of the history.', schema: wire.page(wire.AuditRow) } },
    async run({ latchkey, params, query: { kinds, ...query } }) {
      const wanted = kinds === undefined ? {} : { kinds: kinds.split(',') }
      return answer(await latchkey.history(params.entryId, { ...definedOf(query), ...wanted }))
    },
  }),
  operation({
    method: 'get',
    path: '/entries/{entryId}/diagnostics',
    summary:
      'Get the state, versions and last history rows of an entry, without secrets. Also for removed entries.',
    right: 'manage',
    params: wire.EntryParams,
    answers: { 200: { description: 'The diagnostics.', schema: wire.Diagnostics } },
    run: async ({ latchkey, params }) => answer(await latchkey.entries.diagnostics(params.entryId)),
  }),
  operation({
    method: 'get',
    path: '/entries/{entryId}/options',
    summary:
      'Get the form of the options of an entry with their values. Opens no flow: `flowId` is empty. Without `form` if it has no options.',
    right: 'manage',
    params: wire.EntryParams,
    answers: { 200: { description: 'The form.', schema: wire.OptionsForm } },
    async run({ latchkey, params }) {
      const form = await latchkey.entries.optionsForm(params.entryId)
      return answer(form === null ? {} : { form })
    },
  }),
  ...(links === null ? [] : linkOperations(links)),
]

/** Returns the operations on repair links. */
const linkOperations = (links: RepairLinks): readonly AnyOperation[] => [
  operation({
    method: 'post',
    path: '/entries/{entryId}/links',
    summary: 'Create a repair link. It allows only the reauthentication of this entry.',
    right: 'manage',
    params: wire.EntryParams,
    answers: { 201: { description: 'The link and its expiration time.', schema: wire.Link } },
    run: async ({ latchkey, access, params, request }) =>
      answer(await links.create(latchkey, access.scope, params.entryId, request), { status: 201 }),
  }),
  operation({
    method: 'delete',
    path: '/entries/{entryId}/links',
    summary: 'Revoke all repair links of an entry and the sessions opened with them.',
    right: 'manage',
    params: wire.EntryParams,
    answers: { 204: noContent },
    async run({ latchkey, access, params }) {
      await latchkey.entries.revokeLinks(params.entryId, access)
      return reply(null, 204, {})
    },
  }),
]
