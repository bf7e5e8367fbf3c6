import { KeyMissingError, SealBrokenError, StoreError } from '../../errors.ts'
import type { SealContext } from '../../ports/cipher.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { seal } from './vault.ts'

/** What a browser carries: where the flow is to be found, and a secret that nobody could guess. */
export interface SealedToken {
  readonly scope: string
  readonly flowId: string
}

type Purpose = Extract<SealContext['purpose'], 'browser' | 'state'>

const context = (purpose: Purpose, domain: string): SealContext => ({
  purpose,
  ...{ scope: '', id: '', domain, uniqueId: null, data: {} },
})

/**
 * Makes a text for a browser to carry, by which its flow is found again without a table of them. It says nothing to
 * whoever sees it, and cannot be made by anybody else; the flow's record holds its hash.
 *
 * @throws StoreError
 */
export function sealName(core: Core, purpose: Purpose, name: SealedToken, domain: string): Promise<string> {
  const { scope, flowId } = name
  return seal(core, [scope, flowId, randomText()], context(purpose, domain))
}

/** Whose text this is; null where it was not made here, or for something else. @throws StoreError */
export async function openName(
  core: Core,
  purpose: Purpose,
  text: string,
  domain: string,
): Promise<SealedToken | null> {
  try {
    const [scope, flowId] = JSON.parse(await core.cipher.open(text, context(purpose, domain)))
    return { scope: String(scope), flowId: String(flowId) }
  } catch (error) {
    // Whoever sends it may have made it up, also the key that it names.
    if (error instanceof SealBrokenError || error instanceof KeyMissingError) return null
    // A cipher of the host's own may quote what it was to open: with it anybody could come back in the browser's place.
    core.log.error('The cipher could not open what a browser brought.', {
      ...{ domain, error: loggedError(error, [text]) },
    })
    throw new StoreError('The cipher could not open it. Try again in a moment.')
  }
}

/** 32 random bytes, as text that fits a URL: a nonce, or a PKCE verifier (RFC 7636, 4.1). */
export const randomText = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)))

/** What a record holds of such a text. */
export async function hashOf(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
