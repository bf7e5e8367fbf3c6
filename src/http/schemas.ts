import { z } from '@hono/zod-openapi'
import { AttentionItem, at, EntryView, json, source, View } from './view-schemas.ts'

export { AuditRow, Diagnostics, EntryView, Integration, View } from './view-schemas.ts'

/** The schemas of the API, for the OpenAPI document and for the validation of requests. */

const id = z.string().min(1).max(200)
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    pointers: z.array(z.string()).optional(),
    view: z.union([View, EntryView]).optional(),
    flowId: z.string().optional(),
    retryAfter: z.number().optional(),
    outcome: z.enum(['not_written', 'unknown']).optional(),
    allow: z.string().optional(),
  })
  .openapi('Problem')

const EntryCounts = z
  .object({ all: z.int(), attention: z.int(), offline: z.int(), connected: z.int(), disabled: z.int() })
  .openapi('EntryCounts')

export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable(), unreadable: z.array(z.string()) })
export const items = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) })

export const EntryPage = page(EntryView).extend({ counts: EntryCounts.optional() })

export const OptionsForm = z.object({ form: View.optional() }).openapi('OptionsForm')

export const AttentionPage = items(AttentionItem).extend({ next: z.string().nullable() })

export const StartBody = z
  .strictObject({
    domain: z.string().max(64).optional(),
    source,
    entryId: id.optional(),
    from: id.optional(),
    type: z.string().max(64).optional(),
    subentryId: id.optional(),
    // Only the shape: the engine validates the content and gives better messages.
    discovery: z
      .strictObject({
        uniqueId: z.string().optional(),
        values: json,
        title: z.string().optional(),
        key: z.string().optional(),
      })
      .optional(),
    input: json.optional(),
    options: json.optional(),
    subentries: z
      .array(
        z.strictObject({ type: z.string(), title: z.string(), uniqueId: z.string().nullish(), values: json }),
      )
      .optional(),
  })
  .openapi('Start')
export const SubmitBody = z
  .union([
    z.strictObject({ input: json }),
    z.strictObject({ back: z.literal(true) }),
    z.strictObject({ retry: z.literal(true) }),
    z.strictObject({ choice: z.string().max(200) }),
    // Needs no If-Match, because it cannot overwrite input.
    z.strictObject({ poll: z.literal(true) }),
  ])
  .openapi('Submit')
// The engine validates the title and gives a better message.
export const RenameBody = z
  .strictObject({ title: z.string().openapi({ minLength: 1, maxLength: 200 }) })
  .openapi('Rename')
export const ReloadBody = z.strictObject({ retryRejected: z.boolean().optional() }).openapi('Reload')
export const UnloadBody = z.strictObject({ force: z.boolean().optional() }).openapi('Unload')
export const LinkBody = z.strictObject({ token: z.string().max(4_096) }).openapi('OpenLink')
export const Link = z.object({ url: z.string(), expiresAt: at }).openapi('Link')
export const LinkSession = z
  .object({
    session: z.string(),
    /** When the link ends. The session may end before. */
    expiresAt: at,
    service: z.object({ title: z.string(), icon: z.string().optional(), docs: z.string().optional() }),
    entry: z.object({ entryId: z.string(), title: z.string(), domain: z.string() }),
    flow: View,
  })
  .openapi('LinkSession')

/** A boolean query parameter: `true` or `false`. */
const Flag = z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional()
const described = <Schema extends z.ZodType>(schema: Schema, description: string): Schema =>
  schema.openapi({ description })

export const FlowParams = z.object({ flowId: described(id, 'The id of the flow.') })
export const EntryParams = z.object({ entryId: described(id, 'The id of the entry.') })
export const SubentryParams = EntryParams.extend({ subentryId: described(id, 'The id of the sub-entry.') })
export const PageQuery = z.object({
  after: described(z.string().max(200).optional(), 'The `next` of the previous page.'),
  limit: described(z.coerce.number().int().min(1).max(1_000).optional(), 'Maximum number of items.'),
})
export const HistoryQuery = PageQuery.extend({
  order: described(z.enum(['oldest', 'newest']).optional(), 'The first row. Defaults to the oldest.'),
  kinds: described(
    z
      .string()
      .max(2_000)
      .regex(/^\w+(,\w+)*$/)
      .optional(),
    'Only rows of these kinds, separated by commas.',
  ),
})
export const EntriesQuery = PageQuery.extend({
  q: described(
    z.string().max(200).optional(),
    'Words that must all be part of the title, service, account, address or an id. Case and accents do not count.',
  ),
  state: described(
    z.enum(['attention', 'offline', 'connected', 'disabled']).optional(),
    'Only entries that need attention, or that are offline, connected or disabled.',
  ),
  domain: described(z.string().max(64).optional(), 'Only entries of this integration.'),
  ignored: Flag,
})
export const IfMatch = z.object({
  'if-match': described(z.string().optional(), 'The ETag of the view, for optimistic locking.'),
})
/** Required, but optional for the validation, because a missing header is answered with 428. */
export const RequiredIfMatch = z.object({
  'if-match': z
    .string()
    .optional()
    .openapi({
      description: 'The ETag of the view, for optimistic locking.',
      param: { name: 'if-match', in: 'header', required: true },
    }),
})
export const IdempotencyKey = z.object({
  'idempotency-key': described(
    z.string().min(1).max(200).optional(),
    'A unique key for each request. Repeating a request with the same key creates nothing twice.',
  ),
})
export const LastEventId = z.object({
  'last-event-id': described(z.string().max(100).optional(), 'The id of the last event that was received.'),
})
