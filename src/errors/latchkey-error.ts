/** The base class of all errors that Latchkey throws. `code` is stable: compare it instead of the message. */
export abstract class LatchkeyError extends Error {
  abstract readonly code: string
  override get name(): string {
    return this.constructor.name
  }
}
