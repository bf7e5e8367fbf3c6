import type { View } from '../view.ts'

/** A page of views. */
export interface ViewPage {
  readonly items: readonly View[]
  readonly next: string | null
  /** Flows that cannot be shown: damaged, or of an integration that is gone. */
  readonly unreadable: readonly string[]
}

export interface SubmitOptions {
  /** The revision of the view that was filled in. */
  readonly revision: number
  /** Who submits; counted by the budget and kept in the history. */
  readonly principal?: string
}
