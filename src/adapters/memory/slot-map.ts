/** Who holds a unique slot: an id for each name in a domain. */
export class SlotMap {
  readonly #domains = new Map<string, Map<string, string>>()

  holder(domain: string, name: string): string | undefined {
    return this.#domains.get(domain)?.get(name)
  }

  /** The holders of a name in every domain. */
  holders(name: string): string[] {
    return [...this.#domains.values()].flatMap((names) => names.get(name) ?? [])
  }

  take(domain: string, name: string, id: string): void {
    const names = this.#domains.get(domain) ?? new Map<string, string>()
    this.#domains.set(domain, names.set(name, id))
  }

  free(domain: string, name: string): void {
    this.#domains.get(domain)?.delete(name)
  }
}
