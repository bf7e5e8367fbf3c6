import * as z from 'zod'
import {
  type Choice,
  defineIntegrationWithMethods,
  type Secret,
  type Store,
  secret,
  type View,
} from '../../src/index.ts'
import type { CodeAuthorizer } from '../../src/ports/authorizer.ts'
import { until } from '../stories/world.ts'
import { canaries } from './canaries.ts'
import { plain } from './canary-service.ts'
import { CanaryWorld } from './canary-world.ts'
import { endings, explanations, quotes } from './quotes.ts'

/** The calls of the integration. Each can quote the secrets that it has received. */
type Call = 'begin' | 'finish' | 'select' | 'choices' | 'connect' | 'options' | 'onRemove'

/** Some forms of quotes: redaction is the same for all. */
const someForms = ['plain', 'ascii json', 'base64 after one byte', 'its beginning']

const ownOf = ({ own }: Readonly<Record<string, unknown>> = {}) => revealed([own as Secret | undefined])

const revealed = (secrets: readonly (Secret | undefined)[]) =>
  secrets.flatMap((one) => (one === undefined ? [] : [one.reveal()]))

/**
 * A form before a sign-in, a choice after it, pages of choices, options and a removal, whose integration quotes all
 * secrets in its messages to the user.
 */
export class ExplainedStory {
  readonly world: CanaryWorld
  /** The calls that have quoted a secret. */
  readonly quoted = new Set<Call>()
  readonly #forms: readonly ((text: string) => string)[]
  #complains: ((call: Call, secrets: readonly string[]) => void) | null = null
  readonly #authorize: CodeAuthorizer = {
    grant: 'code',
    begin: async ({ state }, _, { fields }) => {
      this.#called('begin', [...ownOf(fields)])
      return `https://${plain.host}/?state=${encodeURIComponent(state)}`
    },
    finish: async (callback, _, { fields }) => {
      this.#called('finish', [...ownOf(fields), callback.searchParams.get('code') ?? ''])
      return { type: 'granted', values: { token: canaries.access } }
    },
  }

  /** @param forms - the names of the forms in which the integration quotes secrets */
  constructor(options: { readonly store?: Store } = {}, forms = someForms) {
    this.#forms = forms.flatMap((name) => quotes[name] ?? [])
    const before = z.object({ shop: z.string().min(1), own: secret() })
    const integration = defineIntegrationWithMethods({
      domain: plain.domain,
      title: plain.title,
      stored: z.object({
        shop: z.string().optional(),
        own: secret().optional(),
        token: secret(),
        site: z.string().optional(),
        room: z.string().optional(),
      }),
      methods: {
        browser: {
          title: 'Browser',
          fields: before,
          authorize: this.#authorize,
          select: {
            site: async ({ own, token }) => this.#listed('select', revealed([own, token])),
          },
        },
        key: {
          title: 'Key',
          fields: z.object({ shop: z.string(), own: secret(), room: z.string() }),
          choices: { room: async ({ own }) => this.#listed('choices', revealed([own])) },
          exchange: async ({ shop, own, room }) => ({ shop, own: own.reveal(), room, token: canaries.grant }),
        },
      },
      connect: async ({ own, token, room }) => {
        this.#called('connect', revealed([own, token]))
        const secrets = revealed([own, token])
        return { client: { secrets }, uniqueId: `${plain.account} ${room}`, title: plain.title }
      },
      options: z.object({ calendar: z.string().optional(), every: z.int().min(1).default(60) }),
      optionsPages: { calendar: ['calendar'], every: ['every'] },
      optionsChoices: { calendar: async (_, { client }) => this.#listed('options', client.secrets) },
      onRemove: async ({ own, token }) => this.#called('onRemove', revealed([own, token])),
    })
    this.world = new CanaryWorld({ integrations: [integration], ...options })
  }

  async play(): Promise<void> {
    const { world } = this
    await world.open()
    await this.#signsIn()
    await this.#chooses()
    await this.#changesOptions()
    // Its typed values wait for the sign-in.
    await this.#atSignIn()
    await this.#isRemoved()
    await world.stop()
  }

  #called(call: Call, secrets: readonly string[]): void {
    if (this.#complains !== null) this.quoted.add(call)
    this.#complains?.(call, secrets)
  }

  /** A list whose texts quote the secrets. */
  #listed(call: Call, secrets: readonly string[]): readonly Choice[] {
    this.#called(call, secrets)
    const text = secrets.join(' ')
    return [
      { value: 'first', label: `${plain.client} ${text}`, description: text },
      { value: 'second', label: plain.client },
    ]
  }

  /** Repeats a call while one of the integration quotes its secrets in each part of each error. */
  async #explaining(call: Call, errors: typeof endings, act: () => Promise<unknown>): Promise<void> {
    for (const explain of Object.values(errors)) {
      for (const quote of this.#forms) {
        this.#complains = (at, secrets) => {
          if (at === call) throw explain(`${secrets.map(quote).join(' ')} ${plain.error}`)
        }
        await act()
      }
    }
    this.#complains = null
  }

  async #begin(method: string): Promise<View | undefined> {
    const menu = await this.world.start('user')
    return this.world.act(({ flows }) => flows.choose(menu?.flowId ?? '', method, menu as View))
  }

  async #signIn(flowId: string): Promise<View | undefined> {
    return this.world.act(async ({ flows, signIns }) => {
      const at = await flows.get(flowId)
      const redirectUri = `https://${plain.host}/oauth/callback/${plain.domain}`
      const begun = await flows.authorize(flowId, { ...at, redirectUri })
      if (begun.browser === null) return begun.view
      const query = new URL((await signIns.redirect(flowId, begun.browser)) ?? '').searchParams
      query.set('code', canaries.code)
      const browserOf = () => begun.browser
      const returned = await signIns.finish({ domain: plain.domain, query, browserOf })
      return returned.type === 'moved' ? returned.view : begun.view
    })
  }

  /** Opens a flow that waits for a sign-in. */
  async #atSignIn(): Promise<string> {
    const own = canaries.client
    const view = await this.#begin('browser')
    const external = await this.world.submit(view, { shop: plain.host, own })
    return external?.flowId ?? ''
  }

  async #signsIn(): Promise<void> {
    const { world } = this
    const own = canaries.client
    let view = await this.#begin('browser')
    for (const input of [own, { shop: 5, own }, { shop: plain.host, own: [own] }, { shop: '', own }])
      view = await world.submit(view, input)
    const external = await world.submit(view, { shop: plain.host, own })
    const flowId = external?.flowId ?? ''
    await world.look()
    for (const call of ['begin', 'finish', 'select'] as const)
      await this.#explaining(call, explanations, () => this.#signIn(flowId))
    await this.#explaining('select', endings, async () => this.#signIn(await this.#atSignIn()))
    let choice = await this.#signIn(flowId)
    await world.look()
    choice = await world.submit(choice, { site: 'made up' })
    await this.#explaining('connect', explanations, async () => {
      choice = await world.submit(choice, { site: 'first' })
    })
    await world.submit(choice, { site: 'first' })
  }

  async #chooses(): Promise<void> {
    const { world } = this
    const input = { shop: plain.host, own: canaries.password }
    let view = await this.#begin('key')
    await this.#explaining('choices', explanations, async () => {
      view = await world.submit(view, input)
    })
    view = await world.submit(view, input)
    await world.look()
    await this.#explaining('connect', explanations, async () => {
      view = await world.submit(view, { room: 'second' })
    })
    await this.#explaining('connect', endings, async () => {
      const page = await world.submit(await this.#begin('key'), input)
      await world.submit(page, { room: 'second' })
    })
    await world.submit(view, { room: 'first' })
  }

  async #changesOptions(): Promise<void> {
    const { world } = this
    const open = () => world.act(({ flows }) => flows.start({ source: 'options', entryId: world.entryId }))
    await this.#explaining('options', endings, open)
    await this.#explaining('options', explanations, async () => {
      const form = await open()
      await world.act(({ flows }) => flows.cancel(form?.flowId ?? ''))
    })
    let view = await open()
    view = await world.submit(view, { calendar: 'made up' })
    view = await world.submit(view, { calendar: 'first' })
    await world.look()
    await world.submit(view, { every: 5 })
  }

  /** The service cannot be informed yet, so that the rows of the removals stay. */
  async #isRemoved(): Promise<void> {
    const { world } = this
    const { items } = await world.latchkey.entries.list()
    const errors = [...Object.values(explanations), ...Object.values(endings)]
    this.#complains = (call, secrets) => {
      if (call === 'onRemove') throw errors.shift()?.(`${secrets.join(' ')} ${plain.error}`)
    }
    for (const { entryId } of items) {
      world.entryId = entryId
      await world.entry((entries) => entries.remove(entryId))
    }
    await until(async () => {
      const rows = await world.store.removals.list('default', { limit: 9 })
      return rows.items.length === items.length && rows.items.every(({ revision }) => revision > 2)
    })
    await world.look()
  }
}
