import { errors, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import type { EntryView } from '../engine/api/entries.ts'
import type { ScopedLatchkey, ScopesLatchkey } from '../engine/api/latchkey.ts'
import { linkPrincipal } from '../engine/lib/principals.ts'
import { isBelievable } from '../engine/lib/stored-time.ts'
import { ConfigurationError, UnknownEntryError } from '../errors.ts'
import type { RequestedLanguages } from '../texts/languages.ts'
import type { RepairAccess } from './access.ts'
import { flowWithoutDetails } from './details.ts'
import { HttpProblem } from './problem.ts'

const LINK = 'latchkey-link'
const SESSION = 'latchkey-link-session'
const LINK_LIFETIME = 24 * 3_600
const SESSION_LIFETIME = 3_600

const Claims = z.object({
  scope: z.string(),
  entryId: z.string(),
  /** The time since which the entry needs attention. Identifies the repair. */
  since: z.number(),
  /** Links with an older generation are revoked. */
  generation: z.number(),
})
type Claims = z.infer<typeof Claims>

/** Creates and opens repair links. The JWT names the entry, not the flow, so a cancelled flow does not end the link. */
export class RepairLinks {
  readonly #latchkey: ScopesLatchkey
  readonly #key: Uint8Array
  readonly #origin: string | null
  readonly #basePath: string

  /** @throws ConfigurationError if the key has fewer than 32 bytes */
  constructor(
    latchkey: ScopesLatchkey,
    { key, origin, basePath }: { key: Uint8Array; origin: string | null; basePath: string },
  ) {
    if (key.length < 32)
      throw new ConfigurationError('The key of the repair links is too short. Use at least 32 bytes.')
    this.#latchkey = latchkey
    this.#key = key
    this.#origin = origin
    this.#basePath = basePath
  }

  /** Creates a link. @throws HttpProblem if the entry needs no repair or has no unique id */
  async create(
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
        'This connection needs no repair, so no link was created.',
      )
    }
    if (entry.uniqueId === null) {
      throw new HttpProblem(
        409,
        'NO_UNIQUE_ID',
        'This account has no unique id, so Latchkey could not notice a wrong account. Repair it without a link.',
      )
    }
    const { since } = entry.reauth
    const expires = Math.floor(Date.now() / 1000) + LINK_LIFETIME
    const token = await this.#sign({ scope, entryId, since, generation: entry.linkGeneration }, LINK, expires)
    const origin = this.#origin ?? new URL(request.url).origin
    return { url: `${origin}${this.#basePath}/link/${token}`, expiresAt: expires * 1000 }
  }

  /** Opens a link. Returns the flow of the repair, and a session that can access only this flow. */
  async open(token: string, language: RequestedLanguages) {
    const { claims, expires } = await this.#verify(token, LINK)
    const scoped = this.#latchkey.scope(claims.scope, { language })
    const entry = await this.#entryOf(claims)
    if (entry.reauth?.since !== claims.since || entry.disabled) throw linkEnded()
    const flow = await scoped.flows.start(
      { source: 'reauth', entryId: claims.entryId },
      { principal: principalOf(claims) },
    )
    const until = Math.min(expires, Math.floor(Date.now() / 1000) + SESSION_LIFETIME)
    const session = await this.#sign(claims, SESSION, until)
    const { entryId, title, domain } = entry
    const integration = scoped.integrations.find((one) => one.domain === domain)
    const { title: name = domain, icon, docs } = integration ?? {}
    const service = { title: name, ...(icon !== undefined && { icon }), ...(docs !== undefined && { docs }) }
    return {
      session,
      expiresAt: expires * 1000,
      entry: { entryId, title, domain },
      service,
      flow: flowWithoutDetails(flow),
    }
  }

  /** Returns the access of a session, or `null` if the bearer token is not one. @throws HttpProblem if the link has expired */
  async accessOf(bearer: string): Promise<RepairAccess | null> {
    if (!bearer.includes('.')) return null
    const { claims } = await this.#verify(bearer, SESSION)
    const { scope, entryId, since } = claims
    const { reauth } = await this.#entryOf(claims)
    // After the repair the session still shows the result. A later problem needs a new link.
    if (reauth !== null && reauth.since !== since) throw linkEnded()
    return {
      scope,
      principal: principalOf(claims),
      rights: ['repair'],
      repairs: entryId,
      isRepaired: reauth === null,
    }
  }

  async #entryOf({ scope, entryId, generation }: Claims): Promise<EntryView> {
    try {
      const entry = await this.#latchkey.scope(scope).entries.get(entryId)
      if (entry.linkGeneration !== generation) throw linkEnded()
      return entry
    } catch (error) {
      if (error instanceof UnknownEntryError) throw linkEnded()
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
      const { exp = 0 } = payload
      const most = audience === LINK ? LINK_LIFETIME : SESSION_LIFETIME
      // A link of a clock that was ahead must not work for longer than any other.
      if (!isBelievable(exp * 1000, Date.now(), most * 1000)) throw linkEnded()
      return { claims: Claims.parse(payload), expires: exp }
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw linkEnded()
      if (error instanceof HttpProblem) throw error
      throw new HttpProblem(401, 'UNAUTHORIZED', 'This repair link is invalid. Ask for a new one.')
    }
  }
}

const principalOf = ({ entryId }: Claims): string => linkPrincipal(entryId)

const linkEnded = (): HttpProblem =>
  new HttpProblem(
    410,
    'LINK_ENDED',
    'This link has expired, was revoked or was already used. Ask for a new one.',
  )
