import { z } from '@hono/zod-openapi'

/** The schemas of the API, for the OpenAPI document and for the validation of requests. */

const id = z.string().min(1).max(200)
const source = z.enum([
  'user',
  'reauth',
  'reconfigure',
  'replace',
  'discovery',
  'import',
  'options',
  'subentry',
])
const at = z.number()
/** BCP 47 tag of the language of the texts in the same object. */
const language = z.string()
const json = z.record(z.string(), z.unknown())

const flow = {
  flowId: z.string(),
  machine: z.enum(['configFlow', 'optionsFlow', 'subentryFlow']),
  domain: z.string(),
  source,
  entryId: z.string().nullable(),
  subentry: z.object({ type: z.string(), subentryId: z.string().nullable(), isNew: z.boolean() }).optional(),
  revision: z.int(),
  title: z.string(),
  language,
  placeholders: z.record(z.string(), z.string()),
  message: z.string().optional(),
  service: z.string().optional(),
  address: z.string().optional(),
  account: z.string().optional(),
  why: z.enum(['invalid_auth', 'requested', 'pending_expiration', 'wrong_account']).optional(),
}

const viewError = z.object({
  code: z.string(),
  text: z.string(),
  retryAfter: z.number().optional(),
  advice: z.string().optional(),
  docs: z.string().optional(),
  keepSecrets: z.boolean().optional(),
  ref: z.string().optional(),
})

const account = z.object({ title: z.string(), account: z.string(), entryId: z.string().optional() })

const waiting = {
  ...flow,
  step: z.string(),
  errors: z.record(z.string(), viewError),
  description: z.string().optional(),
  mayGoBack: z.boolean(),
  mayIgnore: z.literal(true).optional(),
  expiresAt: at.nullable(),
}

const NextFlow = z
  .object({ flowId: z.string(), domain: z.string(), source: z.enum(['user', 'options', 'subentry']) })
  .openapi('NextFlow')

export const View = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('form'),
      ...waiting,
      page: z.string().optional(),
      challenge: z.string().optional(),
      schema: json,
      order: z.array(z.string()),
      values: json,
      stored: z.array(z.string()).optional(),
      submit: z.string(),
      lastStep: z.boolean(),
    }),
    z.object({
      type: z.literal('menu'),
      ...waiting,
      page: z.string().optional(),
      options: z.array(z.object({ value: z.string(), label: z.string() })),
    }),
    z.object({ type: z.literal('external'), ...waiting, url: z.string(), host: z.string().optional() }),
    z.object({
      type: z.literal('progress'),
      ...flow,
      step: z.string(),
      text: z.string(),
      // Only in the step `device`.
      description: z.string().optional(),
      errors: z.record(z.string(), viewError).optional(),
      mayGoBack: z.boolean().optional(),
      userCode: z.string().optional(),
      verificationUri: z.string().optional(),
      verificationUriComplete: z.string().optional(),
      interval: z.number().optional(),
      expiresAt: at.nullable().optional(),
    }),
    z.object({
      type: z.literal('create_entry'),
      ...flow,
      entryId: z.string(),
      text: z.string(),
      success: z.literal(true),
      nextFlow: NextFlow.optional(),
    }),
    z.object({
      type: z.literal('abort'),
      ...flow,
      reason: z.string(),
      text: z.string(),
      success: z.boolean(),
      entryState: z.string().optional(),
      nextFlow: NextFlow.optional(),
      accounts: z.object({ expected: account, found: account }).optional(),
      existing: z.object({ entryId: z.string(), title: z.string() }).optional(),
      replaceable: z.literal(true).optional(),
    }),
  ])
  .openapi('View')

const EntryError = z.object({
  code: z.string(),
  text: z.string(),
  at,
  // Only with the right `manage`.
  ref: z.string().optional(),
  cause: z.string().optional(),
})

export const EntryView = z
  .object({
    scope: z.string(),
    entryId: z.string(),
    domain: z.string(),
    uniqueId: z.string().nullable(),
    title: z.string(),
    state: z.string(),
    text: z.string(),
    language,
    reason: z.string().nullable(),
    stateSince: at.optional(),
    service: z.string().optional(),
    address: z.string().optional(),
    account: z.string().optional(),
    method: z.string().optional(),
    checkedAt: at.optional(),
    retryAt: at.optional(),
    attempt: z.int().optional(),
    lastError: EntryError.optional(),
    quiet: z.literal(true).optional(),
    idle: z.literal(true).optional(),
    reauth: z.object({ since: at, reason: z.string(), message: z.string().optional() }).nullable(),
    disabled: z.boolean(),
    options: json,
    subentries: z.array(
      z.object({
        subentryId: z.string(),
        type: z.string(),
        title: z.string(),
        uniqueId: z.string().nullable(),
        revision: z.int(),
      }),
    ),
    ignored: z.boolean(),
    linkGeneration: z.int(),
    expiresAt: at.nullable(),
    revision: z.int(),
    createdAt: at,
    updatedAt: at,
  })
  .openapi('Entry')

const AttentionItem = z
  .object({
    scope: z.string(),
    entryId: z.string().nullable(),
    domain: z.string().optional(),
    title: z.string().optional(),
    service: z.string().optional(),
    address: z.string().optional(),
    reason: z.string(),
    text: z.string(),
    language,
    since: at.nullable(),
    flowId: z.string().nullable(),
    message: z.string().optional(),
    webhookId: z.string().optional(),
    other: z.object({ entryId: z.string(), title: z.string() }).optional(),
    proposal: z.object({ since: at, before: json, values: json }).optional(),
  })
  .openapi('AttentionItem')

export const Integration = z
  .object({
    domain: z.string(),
    title: z.string(),
    options: z.boolean(),
    subentries: z.array(z.object({ type: z.string(), title: z.string() })),
    icon: z.string().optional(),
    description: z.string().optional(),
    category: z
      .enum(['home', 'calendar', 'messaging', 'files', 'developer', 'media', 'finance', 'other'])
      .optional(),
    docs: z.string().optional(),
    keywords: z.array(z.string()).optional(),
    singleInstance: z.literal(true).optional(),
    methods: z
      .array(
        z.object({
          name: z.string(),
          title: z.string(),
          kind: z.enum(['form', 'code', 'device']),
        }),
      )
      .optional(),
  })
  .openapi('Integration')

export const AuditRow = z
  .object({
    scope: z.string(),
    at,
    who: z.string(),
    entryId: z.string().nullable(),
    flowId: z.string().nullable(),
    kind: z.string(),
    code: z.string().nullable(),
    revision: z.int(),
    entry: z.object({ domain: z.string(), title: z.string().nullable() }).optional(),
    detail: z
      .object({
        field: z.string().optional(),
        before: z.string().optional(),
        after: z.string().optional(),
      })
      .optional(),
  })
  .openapi('AuditRow')

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
    allow: z.string().optional(),
  })
  .openapi('Problem')

export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable(), unreadable: z.array(z.string()) })
export const items = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) })

export const AttentionPage = items(AttentionItem).extend({ next: z.string().nullable() })

export const StartBody = z
  .strictObject({
    domain: z.string().max(64).optional(),
    source,
    entryId: id.optional(),
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
  })
  .openapi('Start')
export const SubmitBody = z
  .union([
    z.strictObject({ input: json }),
    z.strictObject({ back: z.literal(true) }),
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
    entry: z.object({ entryId: z.string(), title: z.string(), domain: z.string() }),
    flow: View,
  })
  .openapi('LinkSession')

/** A boolean query parameter: `true` or `false`. */
export const Flag = z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional()
const described = <Schema extends z.ZodType>(schema: Schema, description: string): Schema =>
  schema.openapi({ description })

export const FlowParams = z.object({ flowId: described(id, 'The id of the flow.') })
export const EntryParams = z.object({ entryId: described(id, 'The id of the entry.') })
export const SubentryParams = EntryParams.extend({ subentryId: described(id, 'The id of the sub-entry.') })
export const PageQuery = z.object({
  after: described(z.string().max(200).optional(), 'The `next` of the previous page.'),
  limit: described(z.coerce.number().int().min(1).max(1_000).optional(), 'Maximum number of items.'),
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
    'A unique key for each request. Repeating a request with the same key opens no second flow.',
  ),
})
export const LastEventId = z.object({
  'last-event-id': described(z.string().max(100).optional(), 'The id of the last event that was received.'),
})
