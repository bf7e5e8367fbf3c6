import { z } from '@hono/zod-openapi'
import type { Readiness } from '../engine/api/latchkey.ts'
import { requestedLanguages } from './accept-language.ts'
import { type Access, hasRight } from './access.ts'
import type { EventStreams } from './event-stream.ts'
import { definedOf } from './flow-operations.ts'
import { type AnyOperation, answer, operation } from './operation.ts'
import type { PageBrand } from './page-options.ts'
import { HttpProblem } from './problem.ts'
import type { RepairLinks } from './repair-links.ts'
import * as wire from './schemas.ts'

interface Parts {
  readonly streams: EventStreams
  readonly links: RepairLinks | null
  readonly brand: PageBrand
  document(): object
  readinessOf(): Promise<Readiness>
  identify(request: Request): Promise<Access | null>
}

const notReady: Readonly<Record<NonNullable<Readiness['reason']>, string>> = {
  not_started: 'This server has not started yet. Try again in a moment.',
  stopping: 'This server is stopping. Send the request to another one.',
  store: 'The store does not answer. Try again in a moment.',
}

/** Returns the operations on the attention list, integrations, events and the API itself. */
export const hostOperations = ({
  streams,
  links,
  document,
  identify,
  readinessOf,
  brand,
}: Parts): readonly AnyOperation[] => [
  operation({
    method: 'get',
    path: '/attention',
    summary: 'List the entries that need attention.',
    right: 'read',
    query: wire.PageQuery,
    answers: { 200: { description: 'A page of attention items.', schema: wire.AttentionPage } },
    run: async ({ latchkey, query }) => answer(await latchkey.attention.page(definedOf(query))),
  }),
  operation({
    method: 'get',
    path: '/integrations',
    summary: 'List the integrations.',
    right: 'read',
    answers: { 200: { description: 'All integrations.', schema: wire.items(wire.Integration) } },
    run: async ({ latchkey }) => answer({ items: latchkey.integrations }),
  }),
  operation({
    method: 'get',
    path: '/events',
    summary:
      'Stream the events of the scope. Starts with a snapshot, or with the events since `Last-Event-ID`.',
    right: 'read',
    headers: wire.LastEventId,
    mediaType: 'text/event-stream',
    answers: { 200: { description: 'A stream of server-sent events.', schema: z.string() } },
    async run({ access, latchkey: { language }, request }) {
      const { scope, principal } = access
      const details = hasRight(access, 'manage')
      return streams.open({ scope, language, details }, request, {
        scope,
        principal,
        async mayStay() {
          const now = await identify(request)
          const isSame = now?.scope === scope && now.principal === principal
          // The client reconnects, and gets what its rights allow now.
          return now !== null && isSame && hasRight(now, details ? 'manage' : 'read')
        },
      })
    },
  }),
  operation({
    method: 'get',
    path: '/openapi.json',
    summary: 'Get this OpenAPI document.',
    right: 'read',
    answers: { 200: { description: 'The OpenAPI 3.1 document.', schema: z.record(z.string(), z.unknown()) } },
    run: async () => answer(document()),
  }),
  operation({
    method: 'get',
    path: '/page',
    summary: 'Get the name and the icon of the host, for the page of a repair link.',
    right: null,
    answers: {
      200: {
        description: 'The name and the icon.',
        schema: z.object({ name: z.string().optional(), icon: z.string().optional() }),
      },
    },
    run: async () => answer({ ...brand }),
  }),
  operation({
    method: 'get',
    path: '/health/live',
    summary: 'Check whether the server responds.',
    right: null,
    answers: { 200: { description: 'The server responds.', schema: z.object({ status: z.literal('ok') }) } },
    run: async () => answer({ status: 'ok' }),
  }),
  operation({
    method: 'get',
    path: '/health/ready',
    summary:
      'Check whether the server can take requests: it has started, does not stop, and its store answers.',
    right: null,
    answers: {
      200: { description: 'The server can take requests.', schema: z.object({ status: z.literal('ok') }) },
    },
    run: async () => {
      const { reason } = await readinessOf()
      if (reason !== null) throw new HttpProblem(503, 'NOT_READY', notReady[reason])
      return answer({ status: 'ok' })
    },
  }),
  ...(links === null
    ? []
    : [
        operation({
          method: 'post',
          path: '/link',
          summary: 'Open a repair link. Returns the flow and a session that can access only this flow.',
          right: null,
          body: wire.LinkBody,
          answers: { 200: { description: 'The session and the flow.', schema: wire.LinkSession } },
          run: async ({ body, request }) =>
            answer(await links.open(body.token, requestedLanguages(request.headers.get('accept-language')))),
        }),
      ]),
]
