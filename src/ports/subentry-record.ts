import type { JsonObject } from './json.ts'

/** A thing under an entry. */
export interface SubentryRecord {
  readonly subentryId: string
  /** Of what kind it is, by its integration's own name. */
  readonly type: string
  readonly title: string
  /** Its identity among those of its kind under the entry; null where it has none. */
  readonly uniqueId: string | null
  /** The fields that are no secrets. */
  readonly data: JsonObject
  /** The secret fields, sealed; null where it has none. */
  readonly sealed: string | null
  /** Grows by one with each change of it; starts at 1. */
  readonly revision: number
}
