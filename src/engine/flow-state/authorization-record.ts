import * as z from 'zod'
import { authorizationCodeMachine } from '../../../machines/authorization-code.ts'
import type { AuthorizationCodeContext } from '../../../machines/authorization-code-setup.ts'
import { deviceCodeMachine } from '../../../machines/device-code.ts'
import type { DeviceCodeContext } from '../../../machines/device-code-setup.ts'
import type { AuthorizationOutput } from '../../../machines/grant-result.ts'
import { Driver } from '../statecharts/driver.ts'
import type { Refusal as Refused } from './outside-events.ts'

/** Lifetime of a sign-in in the browser, in milliseconds. */
export const CODE_SIGN_IN_LIFETIME = 600_000

/** The stored state of a sign-in in the browser: hashes of the browser's tokens, and the encrypted request. */
const codeRecord = z.object({
  machine: z.literal('authorization-code@1'),
  step: z.enum(['redirected', 'exchangingCode']),
  request: z.object({ browserHash: z.string(), stateHash: z.string(), expiresAt: z.number() }),
  sealed: z.string(),
})

/** The stored state of a sign-in with a code on another device. */
const deviceRecord = z.object({
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
export const signInRecord = z.discriminatedUnion('machine', [codeRecord, deviceRecord])

export type CodeSignInRecord = z.infer<typeof codeRecord>

export type DeviceSignInRecord = z.infer<typeof deviceRecord>

export type SignInRecord = z.infer<typeof signInRecord>

const noResult = { draft: null, reason: null, until: null, isSpent: false } as const

/** Restores the context of a sign-in in the browser. */
export const codeContextOf = (flowId: string, { request }: CodeSignInRecord): AuthorizationCodeContext => ({
  flowId,
  request,
  ...noResult,
})

/** Restores the context of a sign-in with a code. */
export const deviceContextOf = (
  flowId: string,
  { code, renewals }: DeviceSignInRecord,
): DeviceCodeContext => ({
  flowId,
  code,
  polledAt: null,
  renewals,
  ...noResult,
})

/** The reason why a sign-in ended without a grant, as part of the event of its flow. */
export type Refusal = Omit<Refused, 'type'>

/** Returns why a sign-in ended without a grant. */
export function refusalOf({
  reason,
  until,
  refusal = {},
  isSpent,
}: Omit<AuthorizationOutput, 'draft'>): Refusal {
  const { ends, ...explained } = refusal
  const error = { code: String(reason), ...(until !== null && { until }), ...explained }
  return { error, ...(ends !== undefined && { ends }), ...(isSpent && { isSpent }) }
}

const PROBE = { flowId: '' } as const

/** The driver of all sign-ins in the browser. */
export const codeDriver = new Driver(authorizationCodeMachine, PROBE)

/** The driver of all sign-ins with a code on another device. */
export const deviceDriver = new Driver(deviceCodeMachine, PROBE)
