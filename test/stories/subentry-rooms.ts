import * as z from 'zod'
import type { SubentryName, SubentryRefused } from '../../src/index.ts'

type Answer = SubentryName | SubentryRefused<string>

/** The rooms of an entry. Each has the submitted title, unless a story scripts another. */
export class Rooms {
  /** The number of checks. */
  tried = 0
  #next: ((signal: AbortSignal, named: Answer) => Answer | Promise<Answer>) | null = null

  /** The sub-entry types of the integration. */
  readonly subentries = {
    room: {
      title: 'Room',
      fields: z.object({ name: z.string().min(1).meta({ title: 'Name' }) }),
      check: async (values: Record<string, unknown>, { signal }: { readonly signal: AbortSignal }) => {
        const name = String(values.name)
        const named = { title: name, uniqueId: name.toLowerCase() }
        this.tried++
        return this.#next?.(signal, named) ?? named
      },
    },
  }

  /** Sets the answer to all following checks. */
  script(next: ((signal: AbortSignal, named: Answer) => Answer | Promise<Answer>) | null): void {
    this.#next = next
  }
}
