/**
 * Thrown if the server does not answer a change in time (`timing.change`). The server may or may not have made it: read the
 * flow or entry again. A repeated start returns the flow that the first request opened.
 */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'

  constructor() {
    super('The server did not answer. It may have made the change.')
  }
}
