import type { ServerMetadata } from 'openid-client'
import { InvalidAuthError } from '../errors.ts'
import { callHook } from './hooks.ts'
import type { ProviderOptions, SignInFields } from './provider.ts'

/** Returns the issuer of a provider for the fields that the user has entered. @throws the error of `issuer` */
export const issuerOf = (
  { issuer }: Pick<ProviderOptions, 'issuer'>,
  fields: SignInFields,
): string | ServerMetadata =>
  typeof issuer === 'function' ? callHook('issuer', null, () => issuer(fields)) : issuer

/** Returns the address of the server of an issuer, as it is stored with the tokens that it grants. */
export function originOf(issuer: string | ServerMetadata): string {
  const name = typeof issuer === 'string' ? issuer : issuer.issuer
  return URL.parse(name)?.origin ?? name
}

/**
 * Checks that tokens belong to a server: the host may have changed the issuer, and no other server may receive them.
 *
 * @throws InvalidAuthError if another server has granted them
 */
export function assertGrantedBy(origin: string, tokensOf: unknown): void {
  if (typeof tokensOf === 'string' && tokensOf !== origin)
    throw new InvalidAuthError('Another server has granted the tokens of the entry. Sign in again.')
}
