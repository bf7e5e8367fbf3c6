import type { Connection, Draft } from './draft.ts'
import type { PublicValues } from './flow-result.ts'
import type { FormErrorCode, FormErrors } from './form-errors.ts'

/** An event from outside the flow: from the user, the clock, the service, the entry or another flow. */
export type ConfigFlowEvent =
  /** The user submitted the form. `values` are the fields that are not secret. */
  | { readonly type: 'submit'; readonly draft: Draft; readonly values: PublicValues }
  /** The submitted values are invalid. The service was not contacted. */
  | { readonly type: 'reject'; readonly errors: FormErrors; readonly values: PublicValues }
  /** The user chose a sign-in method. */
  | { readonly type: 'pick'; readonly method: string }
  /** The user asked to load the choices of the page again. */
  | { readonly type: 'retry' }
  /** The service granted access. The draft contains the grant. */
  | { readonly type: 'authorized'; readonly draft: Draft }
  /**
   * The service did not grant access. `ends`: whether the integration ends the flow. `isSpent`: whether the next sign-in
   * cannot use the values that were prepared for this one.
   */
  | {
      readonly type: 'refused'
      readonly error: FormErrorCode
      readonly ends?: true
      readonly isSpent?: true
    }
  /** The user confirmed that the verified account replaces the entry's account. */
  | { readonly type: 'replace' }
  /** The user confirmed the verified account: to repair its entry, or to link it instead of the announced one. */
  | { readonly type: 'confirm' }
  /** The user returned from a challenge or a page to the previous step. */
  | { readonly type: 'back' }
  | { readonly type: 'cancel' }
  /** The flow was idle for too long. */
  | { readonly type: 'expire' }
  /** The draft of the earlier steps has expired. */
  | { readonly type: 'expireDraft' }
  /** Another flow takes the edit slot of the entry. */
  | { readonly type: 'supersede' }
  /** The entry works again, without this flow. */
  | { readonly type: 'entryRepaired' }
  /** The service refuses the credential of the entry, after the reauthentication was opened for another reason. */
  | { readonly type: 'entryRefused' }
  | { readonly type: 'entryRemoved' }
  | { readonly type: 'entryDisabled' }
  /** Another process may have taken the flow over, because this one did not respond in time. */
  | { readonly type: 'leaseLost' }
  /** The user ignores the discovered account. */
  | { readonly type: 'ignore' }
  /** Another flow has created an entry for the discovered account. */
  | { readonly type: 'accountConfigured'; readonly entryId: string }

/** `otherAccount`: the account that ended the flow, with its open connection and its grant. */
export type ConfigFlowEmitted = {
  readonly type: 'otherAccount'
  readonly draft: Draft | null
  readonly connection: Connection | null
  readonly uniqueId: string | null
}
