import type { JsonObject } from './json.ts'

/** A stored sub-entry. */
export interface SubentryRecord {
  readonly subentryId: string
  /** The name of its type in the integration's `subentries`. */
  readonly type: string
  readonly title: string
  /** Unique among the sub-entries of the same type and entry; null if it has none. */
  readonly uniqueId: string | null
  /** The non-secret fields. */
  readonly data: JsonObject
  /** The secret fields, encrypted; null if it has none. */
  readonly sealed: string | null
  /** Increases by one with each change. Starts at 1. */
  readonly revision: number
  /** The version of its type that `data` has. Absent in version 1. */
  readonly version?: number
}
