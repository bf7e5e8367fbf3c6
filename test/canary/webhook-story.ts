import { nodeNetwork } from '../../src/adapters/node/node-network.ts'
import type { WebhookView } from '../../src/engine/api/webhooks.ts'
import type { Jobs } from '../../src/ports/jobs.ts'
import type { Store } from '../../src/ports/store.ts'
import { HandJobs } from '../engine/hand-jobs.ts'
import { HookServer } from '../engine/webhooks/hook-server.ts'
import { canaries } from './canaries.ts'
import { plain } from './canary-service.ts'
import { CanaryWorld } from './canary-world.ts'
import { places, quotes } from './quotes.ts'

/** Part of the path of a webhook. Only its owners see it: it can be a secret of the receiver. */
export const PATH = 'PathOfTheReceiver7Kq'

const { host, domain, principal } = plain
const right = { host, password: canaries.password, apikey: canaries.apikey }

/** An account that is added, lost and removed, with webhooks whose receivers answer in every way. */
export class WebhookStory {
  readonly world: CanaryWorld
  readonly server = new HookServer()
  /** The signing secrets. */
  readonly secrets: string[] = []
  readonly #jobs: HandJobs
  readonly #network = nodeNetwork({ allow: 'any', plainHttp: true })

  constructor(options: { readonly store?: Store; readonly jobs?: Jobs } = {}) {
    this.#jobs = new HandJobs(options.jobs)
    this.world = new CanaryWorld({ ...options, network: this.#network, jobs: this.#jobs })
  }

  /** The forms of the signing secrets that no sink shows. */
  get words(): readonly string[] {
    return this.secrets.flatMap((secret) => {
      const key = secret.slice('whsec_'.length)
      return [
        key,
        Buffer.from(key, 'base64').toString('hex'),
        Buffer.from(key, 'base64').toString('base64url'),
      ]
    })
  }

  async play(): Promise<void> {
    const { world } = this
    await this.server.open()
    await world.open()
    await world.latchkey.start()
    const hooks = [await this.#add(), await this.#addOverHttp()]
    await this.#refusedCalls(hooks)
    await world.submit(await world.start('user'), right)
    await this.#losesItsSignIn()
    this.#answerInEveryWay()
    await this.#deliver()
    for (const { webhookId } of hooks) await this.#rotate(webhookId)
    await this.#cannotSign(hooks)
    await world.look()
    await world.entry((entries, entryId) => entries.remove(entryId))
    // The receiver answers that it is no longer there, which turns its webhook off.
    this.server.usual = (response) => response.writeHead(410).end(canaries.answer)
    await this.#deliver()
    await world.look()
    await world.act(({ webhooks }) => webhooks.change(String(hooks[0]?.webhookId), { enabled: true }))
    await world.act(({ webhooks }) => webhooks.remove(String(hooks[1]?.webhookId)))
    await world.look()
    await world.stop()
    await this.#network.close()
    await this.server.close()
  }

  /** A webhook without a server, whose attempts fail. */
  async #add(): Promise<WebhookView> {
    const { webhook, secret } = await this.world.latchkey.webhooks.add(
      { url: `http://127.0.0.1:1/${PATH}`, tags: { tenant: plain.account } },
      { principal },
    )
    this.secrets.push(secret)
    this.world.views.push(webhook)
    return webhook
  }

  async #addOverHttp(): Promise<WebhookView> {
    this.secrets.push(await this.world.askSecret('/webhooks', { url: `${this.server.url}/${PATH}` }))
    const { items } = await this.world.latchkey.webhooks.list()
    return items.find(({ url }) => url.startsWith(this.server.url)) as WebhookView
  }

  async #rotate(webhookId: string): Promise<void> {
    const { secret } = await this.world.latchkey.webhooks.rotateSecret(webhookId, { principal })
    this.secrets.push(secret, await this.world.askSecret(`/webhooks/${webhookId}/secret`, {}))
  }

  /** Calls that are refused, with secrets in each place of a request. */
  async #refusedCalls([hook]: readonly WebhookView[]): Promise<void> {
    const { world } = this
    const id = String(hook?.webhookId)
    const text = canaries.wrong
    for (const request of [
      { url: text },
      { url: `https://user:${encodeURIComponent(text)}@127.0.0.1/` },
      { url: `ftp://127.0.0.1/${encodeURIComponent(text)}` },
      { url: `http://127.0.0.1/#${encodeURIComponent(text)}` },
      { url: 'http://127.0.0.1/', events: [text] },
      { url: 'http://127.0.0.1/', tags: { [text]: 'x' } },
      { url: 'http://127.0.0.1/', tags: { tenant: `${text}${'x'.repeat(200)}` } },
      { url: 'http://127.0.0.1/', [text]: text },
    ]) {
      const body = JSON.stringify(request)
      await world.act(({ webhooks }) => webhooks.change(id, request as never))
      for (const sent of [body, body.slice(0, -1)]) {
        await world.ask('PATCH', `/webhooks/${id}`, { body: sent })
        await world.ask('PATCH', `/webhooks/${encodeURIComponent(text)}`, { body: sent })
      }
    }
    await world.ask('POST', `/webhooks/${encodeURIComponent(text)}/test`)
    await world.ask('GET', `/webhooks/${id}/deliveries?after=${encodeURIComponent(text)}`)
  }

  async #losesItsSignIn(): Promise<void> {
    const { world } = this
    world.service.answer = ({ password }) => Promise.reject(places['invalid auth']?.(password))
    world.service.ping = () => {
      throw places['invalid auth']?.(plain.error)
    }
    await world.entry((entries, entryId) =>
      entries.use(world.service.integration, entryId, ({ ping }) => ping()),
    )
    await world.look()
    world.service.answer = () => world.service.connected()
    await world.submit(await world.start('reauth'), { password: canaries.next, apikey: canaries.apikey })
    await world.look()
  }

  /** Answers that contain secrets in each place. */
  #answerInEveryWay(): void {
    const forms = Object.values(quotes).map((quote) => quote(canaries.answer))
    const headers = Object.fromEntries(
      ['location', 'retry-after', 'set-cookie', 'x-error'].map((name) => [
        name,
        encodeURIComponent(canaries.answer),
      ]),
    )
    this.server.script(
      (response) => response.writeHead(500, headers).end(forms.join('\n')),
      (response) => response.writeHead(307, headers).end(forms.join('\n')),
      (response) => response.socket?.end(`HTTP/1.1 ${forms.join(' ')}`),
      (response) => response.writeHead(200, headers).end(forms.join('\n')),
    )
  }

  /** Sends all events once, and test events. */
  async #deliver(): Promise<void> {
    const { world } = this
    const { webhooks } = world.latchkey
    await this.#jobs.turn('queue_webhooks')
    await this.#jobs.turn('deliver_webhooks')
    const isBusy = async () => {
      const { items } = await webhooks.list()
      const pages = await Promise.all(items.map(({ webhookId }) => webhooks.deliveries(webhookId)))
      return pages.some((page) => page.items.some(({ state }) => state === 'sending'))
    }
    while (await isBusy()) await new Promise((resolve) => setTimeout(resolve, 20))
    for (const { webhookId } of (await webhooks.list()).items) {
      await world.act(() => webhooks.test(webhookId))
      await world.ask('POST', `/webhooks/${webhookId}/test`)
    }
    await world.look()
  }

  /** An encrypted secret in the row of the other webhook: it does not decrypt there. */
  async #cannotSign([one, other]: readonly WebhookView[]): Promise<void> {
    const { store, latchkey } = this.world
    const [mine, theirs] = await Promise.all(
      [one, other].map((hook) => store.webhooks.get('default', String(hook?.webhookId))),
    )
    if (mine === undefined || theirs === undefined) throw new Error('A webhook is missing.')
    const write = async (sealed: string, revision: number) => {
      const content = { ...mine.content, sealed }
      await store.apply('default', [
        { put: 'webhook', record: { ...mine, content, revision: revision + 1 }, ifRevision: revision },
      ])
    }
    await write(String(theirs.content.sealed), mine.revision)
    await this.world.act(() => latchkey.webhooks.test(mine.id))
    await write(String(mine.content.sealed), mine.revision + 1)
  }

  clear(): void {
    this.world.clear()
  }
}

/** The plain value that each sink of the story must show, as a positive control. */
export const shown: Readonly<Record<string, string>> = {
  'HTTP replies': domain,
  'the event stream': domain,
  views: PATH,
  lists: PATH,
  'the attention list': plain.title,
  histories: principal,
  'events of every type': domain,
  'inspector messages': domain,
  'log lines': 'not be signed',
  'metrics and spans': domain,
  'thrown errors': 'Invalid events',
  'stored rows': PATH,
}

/** The sinks that only owners of a webhook see, with its address. */
export const OWNED: readonly string[] = [
  'HTTP replies',
  'views',
  'lists',
  'stored rows',
  'the database files',
]
