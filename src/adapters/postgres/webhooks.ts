import type { FollowedHistory, Page, StoreWebhooks } from '../../ports/store.ts'
import type { WebhookRecord, WebhookRow } from '../../ports/webhooks.ts'
import { dueRows, pageOf, readAuditPage, readRecord } from '../stored-record.ts'
import type { scopedReads } from './reads.ts'
import type { Session } from './session.ts'
import type { systemReads } from './system-reads.ts'

/** The webhooks of a database. */
export class PostgresWebhooks implements StoreWebhooks {
  readonly #session: () => Session
  readonly #scoped: ReturnType<typeof scopedReads>
  readonly #all: ReturnType<typeof systemReads>

  /** `session` throws a StoreError if the database is not open. */
  constructor(
    session: () => Session,
    scoped: ReturnType<typeof scopedReads>,
    all: ReturnType<typeof systemReads>,
  ) {
    this.#session = session
    this.#scoped = scoped
    this.#all = all
  }

  async get(scope: string, id: string): Promise<WebhookRecord | undefined> {
    const { app } = this.#session()
    const [row] = await app.run(this.#scoped.webhook(scope, id))
    return row && readRecord('webhook', scope, row)
  }

  async getRow(scope: string, id: string): Promise<WebhookRow | undefined> {
    const { app } = this.#session()
    const [row] = await app.run(this.#scoped.webhookRow(scope, id))
    return row && { scope, ...row }
  }

  async list(
    scope: string,
    list: string,
    { after, limit }: { readonly after?: string; readonly limit: number },
  ): Promise<Page<WebhookRecord>> {
    const { app } = this.#session()
    return pageOf('webhook', { scope, limit }, (count) =>
      app.run(this.#scoped.webhooks(scope, list, after, count)),
    )
  }

  async due(now: number, limit: number, beyond?: number): Promise<readonly WebhookRow[]> {
    const { system } = this.#session()
    return dueRows({ now, limit, beyond }, (is, time, count) =>
      system.run(this.#all.dueWebhooks(is, time, count)),
    )
  }

  async behind(limit: number): Promise<readonly string[]> {
    const rows = await this.#session().system.run(this.#all.behind(limit))
    return rows.map(({ scope }) => scope)
  }

  async history(scope: string, after: number | null, limit: number): Promise<FollowedHistory> {
    const { app } = this.#session()
    if (after === null) {
      const [row] = await app.run(this.#scoped.position(scope))
      return { position: row?.position ?? 0, rows: [] }
    }
    const rows = await app.run(this.#scoped.audit(scope, null, { after, limit: Math.max(1, limit) }))
    return { position: rows.at(-1)?.seq ?? after, rows: readAuditPage(rows, rows.length).items }
  }
}
