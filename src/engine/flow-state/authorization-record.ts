import * as z from 'zod'
import type { AuthorizationCodeContext } from '../../../machines/authorization-code-setup.ts'
import type { DeviceCodeContext } from '../../../machines/device-code-setup.ts'
import type { FormErrorCode } from '../../../machines/form-errors.ts'
import type { AuthorizationOutput } from '../../../machines/grant-result.ts'

/** A sign-in in a browser, at rest: hashes of what the browser carries, and the secrets of the request, sealed. */
const codeAtRest = z.object({
  machine: z.literal('authorization-code@1'),
  step: z.enum(['redirected', 'exchangingCode']),
  request: z.object({ browserHash: z.string(), stateHash: z.string(), expiresAt: z.number() }),
  sealed: z.string(),
})

/** A sign-in by a code on another device, at rest. */
const deviceAtRest = z.object({
  machine: z.literal('device-code@1'),
  step: z.literal('showing_code'),
  code: z.object({
    userCode: z.string(),
    verificationUri: z.string(),
    verificationUriComplete: z.string().nullable(),
    interval: z.number(),
    expiresAt: z.number(),
  }),
  renewals: z.number(),
  sealed: z.string(),
})

/** The stored state of a sign-in in progress, part of the record of its flow. */
export const authorizationAtRest = z.discriminatedUnion('machine', [codeAtRest, deviceAtRest])

export type CodeAtRest = z.infer<typeof codeAtRest>

export type DeviceAtRest = z.infer<typeof deviceAtRest>

export type AuthorizationAtRest = z.infer<typeof authorizationAtRest>

const nothing = { draft: null, reason: null, until: null } as const

/** The context of a sign-in in a browser, from what a record keeps. */
export const codeContextOf = (flowId: string, { request }: CodeAtRest): AuthorizationCodeContext => ({
  ...{ flowId, request, ...nothing },
})

/** The context of a sign-in by a code, from what a record keeps. */
export const deviceContextOf = (flowId: string, { code, renewals }: DeviceAtRest): DeviceCodeContext => ({
  ...{ flowId, code, renewals, ...nothing },
})

/** The reason why a sign-in ended without a grant. */
export const refusalOf = ({ reason, until }: Omit<AuthorizationOutput, 'draft'>): FormErrorCode => ({
  code: String(reason),
  ...(until !== null && { until }),
})
