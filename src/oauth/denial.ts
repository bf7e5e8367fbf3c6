import * as client from 'openid-client'
import type { Granted } from '../ports/authorizer.ts'

/** The error codes of a user who declined. The standard one is `access_denied`. LinkedIn and others have their own. */
const DECLINED =
  /^((access|user|consent|login|auth|authorization|interaction|permissions?|request)[_ -]?)?(den(y|ied)|declined?|cancel(l?ed)?|refused|rejected)([_ -]\w+)*$/i

/** The error codes of a service whose administrator must approve the application: those of Entra, Google and Salesforce. */
const CONSENT =
  /^(consent_required|admin_?consent_required|admin_policy_enforced|admin_approval_required|org_internal|oauth_app_blocked)$/i

/** Entra: the application needs the consent of an administrator. The code of the answer differs. */
const ENTRA_CONSENT = /\bAADSTS(65001|90008|90093|90094|900941|900971)\b/

/**
 * Returns the result of an authorization that the user or an administrator must repeat; null for any other error. The
 * code of the answer decides, then its description.
 */
export function denialOf(error: unknown): Extract<Granted, { type: 'rejected' }> | null {
  if (!(error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError))
    return null
  if (CONSENT.test(error.error) || ENTRA_CONSENT.test(error.error_description ?? ''))
    return { type: 'rejected', reason: 'consent_required' }
  return DECLINED.test(error.error) ? { type: 'rejected' } : null
}
