import type { Draft } from './draft.ts'
import type { PublicValues } from './flow-result.ts'
import type { FormErrorCode, FormErrors } from './form-errors.ts'

/** What may happen to a config flow from outside. */
export type ConfigFlowEvent =
  /** A person submitted the form; `values` are those fields that are no secrets. */
  | { readonly type: 'submit'; readonly draft: Draft; readonly values: PublicValues }
  /** The submitted values were refused before anybody was asked. */
  | { readonly type: 'reject'; readonly errors: FormErrors; readonly values: PublicValues }
  /** A person chose a way in. */
  | { readonly type: 'pick'; readonly method: string }
  /** A person chose in a menu. */
  | { readonly type: 'choose'; readonly draft: Draft; readonly values: PublicValues }
  /** The service granted access; the draft holds what is kept of it. */
  | { readonly type: 'authorized'; readonly draft: Draft }
  /** The service granted nothing, for this reason. */
  | { readonly type: 'refused'; readonly error: FormErrorCode }
  /** A person confirmed that another account takes the place of the entry's. */
  | { readonly type: 'replace' }
  /** Back from a challenge or a page to the one before it. */
  | { readonly type: 'back' }
  | { readonly type: 'cancel' }
  /** Nobody touched the flow for too long. */
  | { readonly type: 'expire' }
  /** What was typed before this step has been kept for long enough. */
  | { readonly type: 'expireDraft' }
  /** A reconfigure of the same entry takes the edit slot. */
  | { readonly type: 'supersede' }
  /** The entry came back without this flow. */
  | { readonly type: 'entryRepaired' }
  | { readonly type: 'entryRemoved' }
  | { readonly type: 'entryDisabled' }
  /** A person wants nothing of what was found. */
  | { readonly type: 'ignore' }
  /** Another flow has linked the account that this one holds. */
  | { readonly type: 'accountConfigured' }
