import { Opaque } from './opaque.ts'

/** What a person submitted, and the challenge it answers, if it answers one. */
export interface DraftContent {
  readonly values: Readonly<Record<string, unknown>>
  readonly challenge?: {
    readonly name: string
    readonly state: unknown
    /** Absent until the challenge is answered. */
    readonly values?: Readonly<Record<string, unknown>>
  }
  /** Present where a service granted the values: how to give them back, told whose they are. */
  giveBack?(uniqueId: string | null): void
}

/** The opaque handle for submitted values: machines carry it, and only the work they invoke opens it. */
export class Draft extends Opaque<DraftContent> {
  constructor(content: DraftContent) {
    super(content, '[draft]')
  }
}

/** The opaque handle for a proven, open connection: whoever is handed it adopts it or disposes it. */
export class Connection<Content = unknown> extends Opaque<Content> {
  constructor(content: Content) {
    super(content, '[connection]')
  }
}
