import { errors, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import type { EntryView } from '../engine/api/entries.ts'
import type { Latchkey, ScopedLatchkey } from '../engine/api/latchkey.ts'
import { ConfigurationError, UnknownEntryError } from '../errors.ts'
import type { RequestedLanguages } from '../texts/languages.ts'
import type { RepairAccess } from './access.ts'
import { HttpProblem } from './problem.ts'

const LINK = 'latchkey-link'
const SESSION = 'latchkey-link-session'
const LINK_LIFE = 24 * 3_600
const SESSION_LIFE = 3_600

const Claims = z.object({
  scope: z.string(),
  entryId: z.string(),
  /** Since when the entry needed a person: the repair that the link is for. */
  since: z.number(),
  /** Links of an earlier generation are revoked. */
  generation: z.number(),
})
type Claims = z.infer<typeof Claims>

/** Links by which somebody repairs one entry: a JWT names the repair, so a cancelled flow does not end it. */
export class RepairLinks {
  readonly #latchkey: Latchkey
  readonly #key: Uint8Array
  readonly #origin: string | null
  readonly #basePath: string

  /** @throws ConfigurationError where the key is too short */
  constructor(
    latchkey: Latchkey,
    { key, origin, basePath }: { key: Uint8Array; origin: string | null; basePath: string },
  ) {
    if (key.length < 32)
      throw new ConfigurationError('The key of the repair links has to have 32 bytes or more.')
    this.#latchkey = latchkey
    this.#key = key
    this.#origin = origin
    this.#basePath = basePath
  }

  /** @throws HttpProblem where the entry needs no repair, or nobody could tell whose account it is */
  async make(
    latchkey: ScopedLatchkey,
    scope: string,
    entryId: string,
    request: Request,
  ): Promise<{ url: string; expiresAt: number }> {
    const entry = await latchkey.entries.get(entryId)
    if (entry.reauth === null || entry.disabled) {
      throw new HttpProblem(
        409,
        'NOTHING_TO_REPAIR',
        'This entry asks for no new credential: there is nothing to link to.',
      )
    }
    if (entry.uniqueId === null) {
      throw new HttpProblem(
        409,
        'NO_UNIQUE_ID',
        'This entry has no unique id, so nobody could tell whether another account was put in. Repair it here.',
      )
    }
    const { since } = entry.reauth
    const expires = Math.floor(Date.now() / 1000) + LINK_LIFE
    const token = await this.#sign({ scope, entryId, since, generation: entry.linkGeneration }, LINK, expires)
    const origin = this.#origin ?? new URL(request.url).origin
    return { url: `${origin}${this.#basePath}/link/${token}`, expiresAt: expires * 1000 }
  }

  /** Opens a link: the repair's flow, and a session that reaches nothing else. */
  async open(token: string, language: RequestedLanguages) {
    const { claims, expires } = await this.#verify(token, LINK)
    const scoped = this.#latchkey.scope(claims.scope, { language })
    const entry = await this.#entryOf(claims)
    if (entry.reauth?.since !== claims.since || entry.disabled) throw ended()
    const flow = await scoped.flows.start(
      { source: 'reauth', entryId: claims.entryId },
      { principal: principalOf(claims) },
    )
    const until = Math.min(expires, Math.floor(Date.now() / 1000) + SESSION_LIFE)
    const session = await this.#sign(claims, SESSION, until)
    const { entryId, title, domain } = entry
    return { session, entry: { entryId, title, domain }, flow }
  }

  /** Who bears this session; null where it is none of ours. @throws HttpProblem where it has ended */
  async accessOf(bearer: string): Promise<RepairAccess | null> {
    if (!bearer.includes('.')) return null
    const { claims } = await this.#verify(bearer, SESSION)
    const { scope, entryId, since } = claims
    const { reauth } = await this.#entryOf(claims)
    // Mended: the session still sees the end, and a later need is somebody else's.
    if (reauth !== null && reauth.since !== since) throw ended()
    return { scope, principal: principalOf(claims), rights: ['repair'], repairs: entryId }
  }

  async #entryOf({ scope, entryId, generation }: Claims): Promise<EntryView> {
    try {
      const entry = await this.#latchkey.scope(scope).entries.get(entryId)
      if (entry.linkGeneration !== generation) throw ended()
      return entry
    } catch (error) {
      if (error instanceof UnknownEntryError) throw ended()
      throw error
    }
  }

  #sign(claims: Claims, audience: string, expires: number): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setAudience(audience)
      .setExpirationTime(expires)
      .sign(this.#key)
  }

  async #verify(token: string, audience: string): Promise<{ claims: Claims; expires: number }> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ['HS256'],
        audience,
        requiredClaims: ['exp'],
      })
      return { claims: Claims.parse(payload), expires: payload.exp ?? 0 }
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw ended()
      throw new HttpProblem(401, 'UNAUTHORIZED', 'This link is not one that was made here.')
    }
  }
}

const principalOf = ({ entryId }: Claims): string => `link:${entryId}`

const ended = (): HttpProblem =>
  new HttpProblem(
    410,
    'LINK_ENDED',
    'This link has expired, was revoked, or has done its work. Ask for a new one.',
  )
