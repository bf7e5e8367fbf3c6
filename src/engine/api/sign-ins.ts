import type { View } from '../../view.ts'
import type { SubmitOptions } from './flows.ts'

/** How a sign-in in a browser begins. */
export interface AuthorizeOptions extends SubmitOptions {
  /** Where the service sends the browser back to: registered there, and reaching `finish`. */
  readonly redirectUri: string
}

/** A sign-in that has begun, or the flow with the reason why it could not. */
export interface Authorizing {
  readonly view: View
  /** For the browser to keep in a cookie, and for nobody else; null where it could not begin. */
  readonly browser: string | null
}

/** A browser that came back from a service. */
export interface CameBack {
  readonly domain: string
  /** The whole query of the address that it came to. */
  readonly query: URLSearchParams
  /** What the browser keeps for a flow; null for nothing. */
  readonly browserOf: (flowId: string) => string | null
}

/** What came of it: how the flow stands now, or why the flow was left as it is. */
export type Returned =
  | { readonly type: 'moved'; readonly flowId: string; readonly view: View }
  | {
      readonly type: 'ignored'
      readonly flowId: string | null
      readonly code: 'authorize_foreign' | 'authorize_expired'
    }
