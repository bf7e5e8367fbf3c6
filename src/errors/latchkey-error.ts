/** The base of them all; `code` is stable and is what programs compare. */
export abstract class LatchkeyError extends Error {
  abstract readonly code: string
  override get name(): string {
    return this.constructor.name
  }
}
