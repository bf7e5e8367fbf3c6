// Errors of webhooks.
import { LatchkeyError } from './latchkey-error.ts'

/** The webhook does not exist. */
export class UnknownWebhookError extends LatchkeyError {
  readonly code = 'UNKNOWN_WEBHOOK'
  constructor() {
    super('Webhook not found. It may have been removed.')
  }
}

/** The scope has reached its limit of webhooks. */
export class TooManyWebhooksError extends LatchkeyError {
  readonly code = 'TOO_MANY_WEBHOOKS'
  readonly limit: number
  constructor(limit: number) {
    super(`The limit of ${limit} webhooks is reached. Remove one first.`)
    this.limit = limit
  }
}
