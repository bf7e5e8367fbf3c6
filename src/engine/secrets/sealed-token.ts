import { KeyMissingError, SealBrokenError, StoreError } from '../../errors.ts'
import type { SealContext } from '../../ports/cipher.ts'
import type { Core } from '../kernel/core.ts'
import { loggedError } from '../lib/redact.ts'
import { seal } from './vault.ts'

/** The content of the encrypted token of a browser: the flow that it has begun to sign in for. */
export interface SealedToken {
  readonly scope: string
  readonly flowId: string
}

/** `state`: earlier versions encrypted the OAuth `state`. */
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
 * Creates an encrypted token that identifies a flow, for the browser's cookie. No table of tokens is needed: the token
 * contains the flow's id and random bytes, and the flow's record has its hash.
 *
 * @throws StoreError
 */
export function sealToken(core: Core, flow: SealedToken): Promise<string> {
  const random = randomText()
  return seal(core, [flow.scope, flow.flowId, random], context('browser', ''), [random])
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

/**
 * Creates the OAuth `state` of a sign-in: the id of its flow, random bytes, and a hash that binds them to the integration.
 * It has 103 characters, because some services limit it to 128. It is not a secret: the flow's record has its hash, and
 * only the browser with the cookie can use it.
 */
export async function createState({ flowId }: Pick<SealedToken, 'flowId'>, domain: string): Promise<string> {
  const random = randomText()
  return `${flowId}.${random}.${await stateHash([domain, flowId, random])}`
}

/** Returns the id of the flow that a `state` names; null if {@link createState} has not created it for the integration. */
export async function flowOfState(state: string, domain: string): Promise<string | null> {
  const [flowId, random, hash, ...more] = state.split('.')
  const isOurs = more.length === 0 && hash === (await stateHash([domain, flowId, random]))
  return isOurs && flowId ? flowId : null
}

const stateHash = async (parts: readonly (string | undefined)[]): Promise<string> =>
  (await sha256(JSON.stringify(parts))).slice(0, 22)

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
