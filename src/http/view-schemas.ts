import { z } from '@hono/zod-openapi'
import { CATEGORIES } from '../categories.ts'

/** The schemas of what the API returns: views, entries, attention items, integrations and history rows. */

export const source = z.enum([
  'user',
  'reauth',
  'reconfigure',
  'replace',
  'discovery',
  'import',
  'options',
  'subentry',
])
export const at = z.number()
/** BCP 47 tag of the language of the texts in the same object. */
const language = z.string()
export const json = z.record(z.string(), z.unknown())

const flow = {
  flowId: z.string(),
  machine: z.enum(['configFlow', 'optionsFlow', 'subentryFlow']),
  domain: z.string(),
  source,
  entryId: z.string().nullable(),
  subentry: z.object({ type: z.string(), subentryId: z.string().nullable(), isNew: z.boolean() }).optional(),
  revision: z.int(),
  joined: z.literal(true).optional(),
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
  params: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
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
  mayRetry: z.literal(true).optional(),
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
      position: z.object({ page: z.int(), pages: z.int() }).optional(),
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
      advice: z.string().optional(),
      accounts: z.object({ expected: account, found: account }).optional(),
      existing: z.object({ entryId: z.string(), title: z.string() }).optional(),
      replaceable: z.literal(true).optional(),
    }),
  ])
  .openapi('View')

const params = z.record(z.string(), z.union([z.string(), z.number()]))

const EntryError = z.object({
  code: z.string(),
  text: z.string(),
  params: params.optional(),
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

export const AttentionItem = z
  .object({
    scope: z.string(),
    entryId: z.string().nullable(),
    domain: z.string().optional(),
    title: z.string().optional(),
    service: z.string().optional(),
    address: z.string().optional(),
    method: z.string().optional(),
    reason: z.string(),
    text: z.string(),
    code: z.string().optional(),
    params: params.optional(),
    language,
    since: at.nullable(),
    flowId: z.string().nullable(),
    message: z.string().optional(),
    path: z.string().optional(),
    expiresAt: at.optional(),
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
    category: z.enum(CATEGORIES).optional(),
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

export const Diagnostics = z
  .object({
    at,
    entry: EntryView.nullable(),
    attention: AttentionItem.nullable(),
    versions: z.object({ stored: z.int().nullable(), integration: z.int().nullable() }),
    history: z.array(AuditRow),
  })
  .openapi('Diagnostics')
