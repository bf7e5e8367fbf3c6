import type { Cursors } from '../../ports/cursors.ts'

/** Cursors in this process. */
export class MemoryCursors implements Cursors {
  readonly #positions = new Map<string, number>()

  async get(name: string): Promise<number | null> {
    return this.#positions.get(name) ?? null
  }

  async move(name: string, from: number | null, to: number): Promise<boolean> {
    if ((this.#positions.get(name) ?? null) !== from) return false
    this.#positions.set(name, to)
    return true
  }
}
