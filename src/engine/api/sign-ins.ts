import type { View } from '../../view.ts'
import type { SubmitOptions } from './flows.ts'

/** The options of `flows.authorize`. */
export interface AuthorizeOptions extends SubmitOptions {
  /** The redirect URI that is registered at the service. The host passes its requests to `signIns.finish`. */
  readonly redirectUri: string
}

/** The result of `flows.authorize`: a started sign-in, or a view with the error. */
export interface Authorizing {
  readonly view: View
  /** The value to store in a cookie of the user's browser only; null if the sign-in could not start. */
  readonly browser: string | null
}

/** A redirect from the service back to the host. */
export interface CameBack {
  readonly domain: string
  /** The complete query string of the request. */
  readonly query: URLSearchParams
  /** Returns the value of the cookie for a flow; null if the browser sent none. */
  readonly browserOf: (flowId: string) => string | null
}

/** The result of `signIns.finish`: the new view of the flow, or the reason why the flow is unchanged. */
export type Returned =
  | { readonly type: 'moved'; readonly flowId: string; readonly view: View }
  | {
      readonly type: 'ignored'
      readonly flowId: string | null
      readonly code: 'authorize_foreign' | 'authorize_expired'
    }
