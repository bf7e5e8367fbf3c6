import { z } from '@hono/zod-openapi'
import { type Access, may } from './access.ts'
import type { EventStreams } from './event-stream.ts'
import { type AnyOperation, answer, operation } from './operation.ts'
import type { RepairLinks } from './repair-links.ts'
import * as wire from './schemas.ts'
import { wantedLanguages } from './wanted-languages.ts'

interface Parts {
  readonly streams: EventStreams
  readonly links: RepairLinks | null
  document(): object
  identify(request: Request): Promise<Access | null>
}

/** The operations on everything else. */
export const hostOperations = ({ streams, links, document, identify }: Parts): readonly AnyOperation[] => [
  operation({
    method: 'get',
    path: '/attention',
    summary: 'The entries that need a person.',
    right: 'read',
    answers: { 200: { description: 'All of them.', schema: wire.items(wire.AttentionItem) } },
    run: async ({ latchkey }) => answer({ items: await latchkey.attention.list() }),
  }),
  operation({
    method: 'get',
    path: '/integrations',
    summary: 'What can be linked.',
    right: 'read',
    answers: { 200: { description: 'All of them.', schema: wire.items(wire.Integration) } },
    run: async ({ latchkey }) => answer({ items: latchkey.integrations }),
  }),
  operation({
    method: 'get',
    path: '/events',
    summary:
      'What happens, as it happens: first how everything stands, or what was missed since Last-Event-ID.',
    right: 'read',
    headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
    mediaType: 'text/event-stream',
    answers: { 200: { description: 'A stream of server-sent events.', schema: z.string() } },
    run: async ({ access: { scope }, latchkey: { language }, request }) =>
      streams.open({ scope, language }, request, async () => {
        const now = await identify(request)
        return now !== null && now.scope === scope && may(now, 'read')
      }),
  }),
  operation({
    method: 'get',
    path: '/openapi.json',
    summary: 'This document.',
    right: 'read',
    answers: { 200: { description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) } },
    run: async () => answer(document()),
  }),
  operation({
    method: 'get',
    path: '/healthz',
    summary: 'Whether it answers.',
    right: null,
    answers: { 200: { description: 'It does.', schema: z.object({ status: z.literal('ok') }) } },
    run: async () => answer({ status: 'ok' }),
  }),
  ...(links === null
    ? []
    : [
        operation({
          method: 'post',
          path: '/link',
          summary: 'Opens a repair link: the flow, and a session that can view and submit it alone.',
          right: null,
          body: wire.LinkBody,
          answers: { 200: { description: 'The session.', schema: wire.LinkSession } },
          run: async ({ body, request }) =>
            answer(await links.open(body.token, wantedLanguages(request.headers.get('accept-language')))),
        }),
      ]),
]
