// What authors' functions are handed beside the values.
import type * as z from 'zod'
import type { Json } from '../ports/json.ts'
import type { Network } from '../ports/network.ts'
import type { Subentry, SubentryFields } from './subentry.ts'

/** The forms that `connect` may ask for in addition, by name. */
export type Challenges = Readonly<Record<string, z.ZodObject>>

/** The answer to a challenge, told apart by `name`. */
export type ChallengeAnswer<Asked extends Challenges> = {
  [Name in keyof Asked & string]: {
    readonly name: Name
    readonly values: z.output<Asked[Name]>
    readonly state: Json
  }
}[keyof Asked & string]

/** What `exchange` is handed beside the values. */
export interface ExchangeContext<Asked extends Challenges = Challenges> extends Network {
  /** Fires when nobody waits for the answer any more: cancelled, timed out, stopped. */
  readonly signal: AbortSignal
  /** The answer to the challenge that this integration asked; absent at the first call. */
  readonly challenge?: ChallengeAnswer<Asked>
}

/** What `refresh` is handed beside what is kept. */
export interface RefreshContext extends Network {
  /** Fires when the time is up. */
  readonly signal: AbortSignal
}

/** What `connect` is handed beside the values. */
export interface ConnectContext<
  Asked extends Challenges = Challenges,
  Stored extends z.ZodObject = z.ZodObject,
  Options = Record<string, never>,
  Kinds extends SubentryFields = Record<never, never>,
> extends ExchangeContext<Asked> {
  /** To be called when the connection drops. A library's own reconnection is to be off. */
  lost(error?: unknown): void
  /** The entry's options; those of a new entry are the defaults. */
  readonly options: Options
  /** What is under the entry, in the order in which it was added; a new entry has nothing. */
  readonly subentries: readonly Subentry<Kinds>[]
  /** What is kept, as it is now: to be asked for each call, by a client whose token is renewed meanwhile. */
  stored(): Promise<z.output<Stored>>
}

/** What a menu's `options` are handed beside the values. */
export type FindContext = Omit<ExchangeContext, 'challenge'>
