// The contexts that Latchkey passes to the functions of an integration, in addition to the values.
import type * as z from 'zod'
import type { Json } from '../ports/json.ts'
import type { Network } from '../ports/network.ts'
import type { Subentry, SubentryFields } from './subentry.ts'

/** The additional forms of an integration, by name. See `challenges` of `IntegrationSpec`. */
export type Challenges = Readonly<Record<string, z.ZodObject>>

/** The answer to a challenge. Distinguish several challenges by `name`. */
export type ChallengeAnswer<ChallengeForms extends Challenges> = {
  [Name in keyof ChallengeForms & string]: {
    readonly name: Name
    readonly values: z.output<ChallengeForms[Name]>
    /** The `state` that the challenge contained; `null` if it had none. */
    readonly state: Json
  }
}[keyof ChallengeForms & string]

/** The context of `exchange`. */
export interface ExchangeContext<ChallengeForms extends Challenges = Challenges> extends Network {
  /** Fires when the result is no longer needed: the flow was cancelled, or the call timed out. Pass it to requests. */
  readonly signal: AbortSignal
  /** The answer to the challenge that the previous call returned. Absent in the first call. */
  readonly challenge?: ChallengeAnswer<ChallengeForms>
}

/** The context of `refresh` and `onRemove`. */
export interface RefreshContext extends Network {
  /** Fires when the call times out. Pass it to requests. */
  readonly signal: AbortSignal
  /** The sign-in method that created the entry; `null` if the integration has only one. */
  readonly method: string | null
}

/** The context of `connect`. */
export interface ConnectContext<
  ChallengeForms extends Challenges = Challenges,
  Stored extends z.ZodObject = z.ZodObject,
  Options = Record<string, never>,
  Subentries extends SubentryFields = Record<never, never>,
> extends ExchangeContext<ChallengeForms> {
  /** Call this when the connection drops: Latchkey connects again. Disable the reconnection of your client library. */
  lost(error?: unknown): void
  /** The options of the entry. A new entry has the defaults. */
  readonly options: Options
  /** The sub-entries of the entry, oldest first. A new entry has none. */
  readonly subentries: readonly Subentry<Subentries>[]
  /** Returns the stored values. Call it before each request if `refresh` replaces tokens, to use the current one. */
  stored(): Promise<z.output<Stored>>
}
