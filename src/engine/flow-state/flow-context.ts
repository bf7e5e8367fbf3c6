import * as z from 'zod'
import { signInRecord } from './authorization-record.ts'
import { followUpRecord } from './follow-up.ts'

/** The value of a choice: a text, a number or a boolean. */
const choiceValue = z.union([z.string(), z.number(), z.boolean()])

const params = z.record(z.string(), z.union([z.string(), z.number()]))

const formError = z.object({
  code: z.string(),
  until: z.number().optional(),
  params: params.optional(),
  ref: z.string().optional(),
  advice: z.string().optional(),
  docs: z.string().optional(),
  keepSecrets: z.boolean().optional(),
})
const formErrors = z.record(z.string(), formError)

const values = z.record(z.string(), z.json())

const flowEntry = z.object({
  uniqueId: z.string().nullable(),
  credentialRevision: z.number(),
  title: z.string(),
  secrets: z.array(z.string()).optional(),
  chosen: z.record(z.string(), choiceValue).optional(),
  message: z.string().optional(),
  account: z.string().optional(),
  address: z.string().optional(),
  isMoved: z.literal(true).optional(),
  why: z.enum(['invalid_auth', 'requested', 'pending_expiration', 'wrong_account']).optional(),
})

const choice = z.object({ value: choiceValue, label: z.string(), description: z.string().optional() })

/** The sub-entry of the flow, if any. */
const name = z.string()
const subentry = z.object({
  type: name,
  subentryId: name.nullable(),
  revision: z.int().positive().nullable(),
})

/** The stored context of an open flow. */
export const openContext = z.object({
  entry: flowEntry.nullable(),
  values,
  errors: formErrors,
  challenge: z.string().nullable(),
  /** When the draft of the earlier steps expires. */
  challengeUntil: z.number().nullable(),
  /** The selected method, if there are several. */
  method: z.string().nullable().optional(),
  /** The page that is shown, after the first. */
  page: z.int().positive().optional(),
  /** The title of the account that waits for a confirmation. */
  account: z.string().optional(),
  /** The choices that the service provided, by page and field. */
  choices: z.record(z.string(), z.record(z.string(), z.array(choice))).optional(),
  found: z
    .object({
      uniqueId: z.string(),
      title: z.string().nullable(),
      key: z.string().nullable(),
      anonymous: z.boolean().default(false),
      address: z.string().default(''),
    })
    .optional(),
  /** The sign-in in progress. */
  authorization: signInRecord.optional(),
  /** The encrypted prepared values of a sign-in that was refused, for the next one. */
  prepared: z.object({ sealed: z.string() }).optional(),
  subentry: subentry.optional(),
})

const account = z.object({ title: z.string(), account: z.string(), entryId: z.string().optional() })

/** The stored context of an ended flow. */
export const endedContext = z.object({
  reason: z.string().nullable(),
  /** The values of the placeholders of the reason's text, if the integration has ended the flow. */
  params: params.optional(),
  /** The accounts of the reason `wrong_account`, and the entry of the reason `already_configured`. */
  accounts: z.object({ expected: account, found: account }).optional(),
  existing: z.object({ entryId: z.string(), title: z.string() }).optional(),
  /** Absent in records that version 0.1.0 wrote. */
  success: z.boolean().optional(),
  subentry: subentry.optional(),
  /** The follow-up flow, until it is opened. */
  following: followUpRecord.optional(),
  /** The opened follow-up flow. */
  nextFlow: z
    .object({ flowId: z.string(), domain: z.string(), source: z.enum(['user', 'options', 'subentry']) })
    .optional(),
})
