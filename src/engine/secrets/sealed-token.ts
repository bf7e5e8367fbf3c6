import { KeyMissingError, SealBrokenError, StoreError } from '../../errors.ts'
import type { SealContext } from '../../ports/cipher.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { seal } from './vault.ts'

/** The content of an encrypted token of a sign-in: the flow that it belongs to. */
export interface SealedToken {
  readonly scope: string
  readonly flowId: string
}

type Purpose = Extract<SealContext['purpose'], 'browser' | 'state'>

const context = (purpose: Purpose, domain: string): SealContext => ({
  purpose,
  scope: '',
  id: '',
  domain,
  uniqueId: null,
  data: {},
})

/**
 * Creates an encrypted token that identifies a flow, for the browser's cookie or the OAuth `state`. No table of
 * tokens is needed: the token contains the flow's id and random bytes, and the flow's record has its hash.
 *
 * @throws StoreError
 */
export function sealToken(core: Core, purpose: Purpose, flow: SealedToken, domain: string): Promise<string> {
  const random = randomText()
  return seal(core, [flow.scope, flow.flowId, random], context(purpose, domain), [random])
}

/** Decrypts a token. Returns null for a forged token, or one with a different purpose. @throws StoreError */
export async function openToken(
  core: Core,
  purpose: Purpose,
  text: string,
  domain: string,
): Promise<SealedToken | null> {
  try {
    const [scope, flowId] = JSON.parse(await core.cipher.open(text, context(purpose, domain)))
    return { scope: String(scope), flowId: String(flowId) }
  } catch (error) {
    // The token comes from outside, so a broken seal or an unknown key is expected.
    if (error instanceof SealBrokenError || error instanceof KeyMissingError) return null
    // The error of a host's own cipher can quote the token, which must not reach the log.
    core.log.error(
      {
        domain,
        error: loggedError(error, [text]),
      },
      'The cipher could not decrypt the token of a browser.',
    )
    throw new StoreError('The cipher could not decrypt the token. Try again in a moment.')
  }
}

/** Returns 32 random bytes as base64url, for a nonce or a PKCE verifier (RFC 7636, 4.1). */
export const randomText = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)))

/** Returns the SHA-256 hash of a text as base64url. */
export async function sha256(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
