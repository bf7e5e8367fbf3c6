import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as z from 'zod'
import { defineIntegrationWithMethods, type Latchkey, secret, type View } from '../../src/index.ts'
import type { CodeAuthorizer } from '../../src/ports/authorizer.ts'

const stored = z.object({ shop: z.string(), key: secret(), token: secret(), site: z.string().optional() })

/** The values that the user enters, and the part of each token that no row may contain. */
export const typed = { shop: 'the-shop', key: 'typed-secret', site: 's2', token: 'token-of-' } as const

/** A service with a form before its sign-in and a choice after it. It writes the redeemed codes to a file. */
export class KilledShop {
  readonly #file: string
  readonly #authorize: CodeAuthorizer = {
    grant: 'code',
    begin: async ({ state }) => `https://login.example/?state=${encodeURIComponent(state)}`,
    finish: async (callback) => {
      const code = callback.searchParams.get('code') ?? ''
      appendFileSync(this.#file, `${code}\n`)
      return { type: 'granted', values: { token: `${typed.token}${code}` } }
    },
  }
  readonly integration = defineIntegrationWithMethods({
    domain: 'shop',
    title: 'Shop',
    stored,
    methods: {
      browser: {
        title: 'Browser',
        fields: z.object({ shop: z.string(), key: secret() }),
        authorize: this.#authorize,
        select: { site: async () => ({ s1: 'Berlin', s2: 'Paris' }) },
      },
    },
    connect: async (values) => ({ client: values, uniqueId: 'account' }),
  })

  /**
   * @param folder - has a file for each database
   * @param database - a path
   */
  constructor(folder: string, database: string) {
    this.#file = join(folder, `${basename(database)}.redeemed`)
  }

  /** The redeemed codes, oldest first. */
  get redeemed(): readonly string[] {
    return existsSync(this.#file) ? readFileSync(this.#file, 'utf8').trim().split('\n') : []
  }

  /** Continues a flow, as the user does, until it ends. */
  async link({ flows, signIns }: Latchkey, from: View): Promise<View> {
    const { shop, key, site } = typed
    let view = from
    while (view.type === 'form' || view.type === 'external') {
      if (view.type === 'form')
        view = await flows.submit(view.flowId, view.order.includes('site') ? { site } : { shop, key }, view)
      else {
        const redirectUri = 'http://127.0.0.1:4711/oauth/callback/shop'
        const { browser } = await flows.authorize(view.flowId, { ...view, redirectUri })
        const query = new URL((await signIns.redirect(view.flowId, browser ?? '')) ?? '').searchParams
        query.set('code', `code-${this.redeemed.length}`)
        const returned = await signIns.finish({ domain: 'shop', query, browserOf: () => browser })
        view = returned.type === 'moved' ? returned.view : await flows.get(view.flowId)
      }
    }
    return view
  }
}
