// Mistakes of an integration or a host, found when the host starts.
import { LatchkeyError } from './latchkey-error.ts'

/** An integration contradicts itself; the sentence names the integration and the field. */
export class IntegrationError extends LatchkeyError {
  readonly code = 'INTEGRATION'
  readonly domain: string
  constructor(domain: string, message: string) {
    super(message)
    this.domain = domain
  }
}

/** The host's configuration cannot work: a plain cipher over a durable store, an XState that does not fit. */
export class ConfigurationError extends LatchkeyError {
  readonly code = 'CONFIGURATION'
}
