import { Opaque } from './opaque.ts'

/** Submitted values, and the challenge that they answer. */
export interface DraftContent {
  readonly values: Readonly<Record<string, unknown>>
  readonly challenge?: {
    readonly name: string
    readonly state: unknown
    /** The answer; absent until the user submits it. */
    readonly values?: Readonly<Record<string, unknown>>
  }
  /**
   * The submitted values of the pages, if `values` also has stored ones. An optional secret that the user removes is null.
   */
  readonly submitted?: Readonly<Record<string, unknown>>
  /** Revokes the values at the service, for the account with this unique id. Absent unless the service granted them. */
  revokeGrant?(uniqueId: string | null): void
}

/** An opaque handle for submitted values. Machines pass it on; only the work that they invoke reveals it. */
export class Draft extends Opaque<DraftContent> {
  constructor(content: DraftContent) {
    super(content, '[draft]')
  }
}

/** An opaque handle for a verified, open connection. Its receiver adopts it or closes it. */
export class Connection<Content = unknown> extends Opaque<Content> {
  constructor(content: Content) {
    super(content, '[connection]')
  }
}
