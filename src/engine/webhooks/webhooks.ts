import type { WebhookReceiverEvent } from '../../../machines/webhook-receiver.ts'
import {
  IdempotencyConflictError,
  InvalidInputError,
  TooManyWebhooksError,
  UnknownWebhookError,
} from '../../errors.ts'
import type { Json } from '../../ports/json.ts'
import type { Write } from '../../ports/store.ts'
import type { WebhookWrite } from '../../ports/webhooks.ts'
import type { StartBy } from '../api/flows.ts'
import type { PageQuery } from '../api/latchkey.ts'
import {
  WEBHOOK_EVENTS,
  type WebhookChange,
  type WebhookDelivery,
  type WebhookDeliveryPage,
  type WebhookList,
  type WebhookRequest,
  type WebhookView,
  type WebhookWithSecret,
} from '../api/webhooks.ts'
import type { Core } from '../kernel/core.ts'
import { wasWritten } from '../kernel/lost-answers.ts'
import { isConflict } from '../lib/conflicts.ts'
import { jsonEqual } from '../lib/json.ts'
import { newId } from '../lib/new-id.ts'
import { HOST } from '../lib/principals.ts'
import { type AuditKind, audit } from '../records/audit.ts'
import { sha256 } from '../secrets/sealed-token.ts'
import { openWebhookSecret, sealWebhookSecret } from '../secrets/vault.ts'
import { CURSOR, type Cursor, cursorRow, readCursor } from './cursor.ts'
import type { Deliveries } from './deliveries.ts'
import { checkDelivery, deliveryView, newDelivery, newDeliveryId } from './delivery-record.ts'
import { payloadOf } from './events.ts'
import {
  checkReceiver,
  initialStateOf,
  RECEIVERS,
  type Receiver,
  type ReceiverContent,
  receiverAfter,
  receiverRow,
  receiverView,
  validReplaced,
} from './receiver-record.ts'
import { MAX_RECEIVERS, readReceivers } from './receivers.ts'
import { loadSigner, newSigningSecret } from './signing.ts'
import { checkEvents, checkTags } from './webhook-input.ts'
import { checkWebhookUrl } from './webhook-url.ts'

/** The time that a signing secret stays valid after its rotation, in milliseconds. */
const ROTATION = 24 * 3_600_000

/** The maximum number of replaced secrets that stay valid: each one adds a signature to every request. */
const MAX_REPLACED = 4

/** The time in which a repeated request to add a webhook returns it with its secret, in milliseconds. */
const REPEATABLE = 24 * 3_600_000

interface ReceiverName {
  readonly scope: string
  readonly webhookId: string
}

/** The API calls on webhooks. */
export class Webhooks {
  readonly #core: Core
  readonly #deliveries: Deliveries

  constructor(core: Core, deliveries: Deliveries) {
    this.#core = core
    this.#deliveries = deliveries
  }

  async list(scope: string): Promise<WebhookList> {
    const { items, unreadable } = await readReceivers(this.#core.store, scope)
    const now = this.#core.clock.now()
    return { items: items.map((receiver) => receiverView(receiver, now)), unreadable }
  }

  /**
   * Adds a webhook, once per idempotency key.
   *
   * @throws InvalidInputError, AddressRefusedError, TooManyWebhooksError, ConfigurationError, IdempotencyConflictError
   */
  async add(scope: string, wanted: WebhookRequest, by: StartBy = {}): Promise<WebhookWithSecret> {
    const core = this.#core
    const { principal: who = HOST, idempotencyKey: key } = by
    await loadSigner()
    const [events, tags] = [checkEvents(wanted.events ?? WEBHOOK_EVENTS), checkTags(wanted.tags ?? {})]
    const url = await checkWebhookUrl(core, wanted.url)
    const webhookId = key === undefined ? newId() : await sha256(JSON.stringify([scope, who, key]))
    const request = key === undefined ? null : JSON.stringify([url, events, tags])
    const secret = newSigningSecret()
    const sealed = await sealWebhookSecret(core, { scope, webhookId }, secret)
    for (;;) {
      const now = core.clock.now()
      const added = request === null ? null : await this.#addedBy({ scope, webhookId }, request, now)
      if (added !== null) return added
      const cursor = (await readCursor(core.store, scope)) ?? (await this.#newCursor(scope))
      if (cursor.receivers >= MAX_RECEIVERS) throw new TooManyWebhooksError(MAX_RECEIVERS)
      const content: ReceiverContent = {
        machine: 'webhook-receiver@1',
        ...initialStateOf(now),
        ...{ url, events, tags, sealed, previous: null, older: [], request, createdAt: now, updatedAt: now },
      }
      const record = receiverRow({ scope, id: webhookId, revision: 0 }, content)
      const put = { put: 'webhook', record, ifRevision: 0 } as const
      const row = this.#history({ scope, webhookId }, 'webhook_added', { who, revision: 1 })
      if (await this.#written(scope, put, ...this.#counted(cursor, 1), row))
        return { webhook: receiverView({ scope, id: webhookId, revision: 1, content }, now), secret }
    }
  }

  /**
   * Returns the webhook that an earlier request with the same key has added, and its secret; null if the key is new.
   *
   * @throws IdempotencyConflictError if the request was another one, its secret was replaced, or it is too long ago
   */
  async #addedBy(name: ReceiverName, request: string, now: number): Promise<WebhookWithSecret | null> {
    const record = await this.#core.store.webhooks.get(name.scope, name.webhookId)
    if (record === undefined) return null
    const receiver = checkReceiver(record)
    const { content } = receiver
    if (content.request !== request || now - content.createdAt > REPEATABLE)
      throw new IdempotencyConflictError()
    const secret = await openWebhookSecret(this.#core, name, content.sealed)
    return { webhook: receiverView(receiver, now), secret }
  }

  /** @throws UnknownWebhookError, UnreadableRecordError, InvalidInputError, AddressRefusedError */
  async change(name: ReceiverName, change: WebhookChange, who = HOST): Promise<WebhookView> {
    await this.#get(name)
    const { enabled } = change
    if (enabled !== undefined && typeof enabled !== 'boolean')
      throw new InvalidInputError('Invalid enabled. Use true or false.', ['/enabled'])
    const changes = {
      ...(change.events !== undefined && { events: checkEvents(change.events) }),
      ...(change.tags !== undefined && { tags: checkTags(change.tags) }),
      ...(change.url !== undefined && { url: await checkWebhookUrl(this.#core, change.url) }),
    }
    const type: WebhookReceiverEvent['type'] | null =
      enabled === undefined ? null : enabled ? 'turnOn' : 'turnOff'
    const next = await this.#update(name, 'webhook_changed', who, ({ content }, now) => {
      const turned = type === null ? content : receiverAfter(content, { type, now })
      return { ...turned, ...changes }
    })
    this.#announce(name)
    return receiverView(next, this.#core.clock.now())
  }

  /** Removes a webhook, also a damaged one. @throws UnknownWebhookError */
  async remove(name: ReceiverName, who = HOST): Promise<void> {
    const { store } = this.#core
    const { scope, webhookId } = name
    for (;;) {
      const row = await store.webhooks.getRow(scope, webhookId)
      if (row === undefined || row.list !== RECEIVERS) throw new UnknownWebhookError()
      const cursor = await readCursor(store, scope)
      const remove = { remove: 'webhook', id: webhookId, ifRevision: row.revision } as const
      const counted = cursor === null ? [] : this.#counted(cursor, -1)
      const removed = this.#history(name, 'webhook_removed', { who, revision: row.revision + 1 })
      if (!(await this.#written(scope, remove, ...counted, removed))) continue
      this.#announce(name)
      return
    }
  }

  /** Sends a test event now, once. @throws UnknownWebhookError, UnreadableRecordError */
  async test(name: ReceiverName): Promise<WebhookDelivery> {
    const receiver = await this.#get(name)
    const { scope, webhookId } = name
    const now = this.#core.clock.now()
    const test = { type: 'webhook.test', at: now, entryId: null, flowId: null, reason: null } as const
    const body = payloadOf(scope, test, { domain: null, title: null }, receiver.content.tags)
    const id = newDeliveryId(now, newId())
    const delivery = newDelivery({ scope, id, webhookId, type: test.type, createdAt: now, body }, now)
    return deliveryView(await this.#deliveries.send(delivery, receiver))
  }

  /** Replaces the signing secret. The previous ones are valid for a day each. @throws UnknownWebhookError, UnreadableRecordError */
  async rotateSecret(name: ReceiverName, who = HOST): Promise<WebhookWithSecret> {
    await this.#get(name)
    const secret = newSigningSecret()
    const sealed = await sealWebhookSecret(this.#core, name, secret)
    const next = await this.#update(name, 'webhook_secret_rotated', who, ({ content }, now) => ({
      ...content,
      sealed,
      previous: { sealed: content.sealed, until: now + ROTATION },
      older: validReplaced(content, now).slice(0, MAX_REPLACED - 1),
      request: null,
    }))
    return { webhook: receiverView(next, this.#core.clock.now()), secret }
  }

  /** @throws UnknownWebhookError */
  async deliveries(
    { scope, webhookId }: ReceiverName,
    query: PageQuery & { readonly limit: number },
  ): Promise<WebhookDeliveryPage> {
    const { webhooks } = this.#core.store
    const row = await webhooks.getRow(scope, webhookId)
    if (row?.list !== RECEIVERS) throw new UnknownWebhookError()
    const { items, next } = await webhooks.list(scope, webhookId, query)
    return { items: items.map((record) => deliveryView(checkDelivery(record))), next }
  }

  /** @throws UnknownWebhookError, UnreadableRecordError */
  async #get({ scope, webhookId }: ReceiverName): Promise<Receiver> {
    const record = await this.#core.store.webhooks.get(scope, webhookId)
    if (record === undefined || record.list !== RECEIVERS) throw new UnknownWebhookError()
    return checkReceiver(record)
  }

  async #update(
    name: ReceiverName,
    kind: AuditKind,
    who: string,
    change: (receiver: Receiver, now: number) => ReceiverContent,
  ): Promise<Receiver> {
    for (;;) {
      const receiver = await this.#get(name)
      const now = this.#core.clock.now()
      const content = { ...change(receiver, now), updatedAt: now }
      const record = receiverRow(receiver, content)
      const { revision } = record
      const put = { put: 'webhook', record, ifRevision: receiver.revision } as const
      if (await this.#written(name.scope, put, this.#history(name, kind, { who, revision })))
        return { ...receiver, revision, content }
    }
  }

  /** Returns a cursor at the end of the history: events from before are not sent. */
  async #newCursor(scope: string): Promise<Cursor> {
    const { position } = await this.#core.store.webhooks.history(scope, null, 1)
    return { scope, position, receivers: 0, revision: 0 }
  }

  /** Returns the write that counts a receiver. A scope without receivers does not follow its history. */
  #counted(cursor: Cursor, by: 1 | -1): readonly Write[] {
    const receivers = cursor.receivers + by
    const { revision: ifRevision } = cursor
    return receivers > 0
      ? [{ put: 'webhook', record: cursorRow({ ...cursor, receivers }), ifRevision }]
      : [{ remove: 'webhook', id: CURSOR, ifRevision }]
  }

  #history(
    { scope, webhookId }: ReceiverName,
    kind: AuditKind,
    { who, revision }: { readonly who: string; readonly revision: number },
  ): Write {
    const at = this.#core.clock.now()
    return audit({ scope, at, who, entryId: null, kind, code: webhookId, revision })
  }

  /** Whether the row of a receiver is as a write leaves it. The other writes belong to the same transaction. */
  async #isStored(scope: string, write: WebhookWrite): Promise<boolean> {
    const [id, record] = 'put' in write ? [write.record.id, write.record] : [write.id, undefined]
    return jsonEqual(
      (await this.#core.store.webhooks.get(scope, id)) as Json | undefined,
      record as Json | undefined,
    )
  }

  /**
   * Writes. Returns false if a row has changed since it was read. If the answer is lost, reads whether the first
   * write is stored.
   */
  async #written(scope: string, first: WebhookWrite, ...more: readonly Write[]): Promise<boolean> {
    try {
      await this.#core.store.apply(scope, [first, ...more])
      return true
    } catch (error) {
      if (isConflict(error, 'webhook')) return false
      if (!(await wasWritten(error, () => this.#isStored(scope, first)))) throw error
      return true
    }
  }

  #announce({ scope, webhookId }: ReceiverName): void {
    this.#core.events.emit('webhook_changed', { scope, webhookId })
  }
}
