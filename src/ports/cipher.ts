import type { Json } from './json.ts'

/** What a sealed value belongs to. It is bound to the seal, so that a value moved to another row does not open. */
export interface SealContext {
  /**
   * `entry`: the secret fields of an entry. `subentry`: those of a thing under one. `draft`: what a person typed before a challenge. `authorization`: the secrets
   * of a sign-in at a service. `state`, `browser`: what a browser carries meanwhile, of no scope and no id.
   */
  readonly purpose: 'entry' | 'subentry' | 'draft' | 'authorization' | 'state' | 'browser'
  readonly scope: string
  /** The entry's id, or the flow's; of a thing under an entry the entry's, its kind and its own. */
  readonly id: string
  readonly domain: string
  readonly uniqueId: string | null
  /** The entry's clear data: a token must not be pointed at another host by whoever can write the row. */
  readonly data: { readonly [key: string]: Json }
}

/** Seals secrets before they reach any store. */
export interface Cipher {
  /** True for a cipher that hides nothing: it exists for benchmarks, and a store that writes to disk refuses it. */
  readonly plain?: boolean
  seal(plaintext: string, context: SealContext): Promise<string>
  /**
   * @throws KeyMissingError where no key fits
   * @throws SealBrokenError where the value was altered, or sealed for another context
   */
  open(sealed: string, context: SealContext): Promise<string>
}
