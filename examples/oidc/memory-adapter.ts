import type { Adapter, AdapterPayload } from 'oidc-provider'

interface Row {
  readonly payload: AdapterPayload
  readonly until: number
}

/** Stores the data of an OpenID provider in memory. A restart loses all grants. */
export function memoryAdapter(): new (name: string) => Adapter {
  const rows = new Map<string, Row>()
  return class MemoryAdapter implements Adapter {
    readonly #name: string

    constructor(name: string) {
      this.#name = name
    }

    async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
      rows.set(this.#key(id), { payload, until: Date.now() + expiresIn * 1000 })
    }

    async find(id: string): Promise<AdapterPayload | undefined> {
      const row = rows.get(this.#key(id))
      return row !== undefined && row.until > Date.now() ? row.payload : undefined
    }

    async findByUid(uid: string): Promise<AdapterPayload | undefined> {
      return this.#first((payload) => payload.uid === uid)
    }

    async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
      return this.#first((payload) => payload.userCode === userCode)
    }

    async consume(id: string): Promise<void> {
      const row = rows.get(this.#key(id))
      if (row !== undefined) row.payload.consumed = Math.floor(Date.now() / 1000)
    }

    async destroy(id: string): Promise<void> {
      rows.delete(this.#key(id))
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, { payload }] of rows) if (payload.grantId === grantId) rows.delete(key)
    }

    #key(id: string): string {
      return `${this.#name}:${id}`
    }

    #first(isIt: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
      const mine = [...rows].filter(([key]) => key.startsWith(`${this.#name}:`))
      return mine.map(([, { payload }]) => payload).find(isIt)
    }
  }
}
