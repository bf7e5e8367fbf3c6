import * as z from 'zod'
import type { SubentryName, SubentryRefused } from '../../src/index.ts'

type Answer = SubentryName | SubentryRefused<string>

/** The rooms that may be under an entry: each is called as a person names it, except where a story wants it otherwise. */
export class Rooms {
  /** How many were tried. */
  tried = 0
  #next: ((signal: AbortSignal, named: Answer) => Answer | Promise<Answer>) | null = null

  /** What the integration has under its entries. */
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

  /** How those are answered that are tried from here on, until it is said anew. */
  script(next: ((signal: AbortSignal, named: Answer) => Answer | Promise<Answer>) | null): void {
    this.#next = next
  }
}
