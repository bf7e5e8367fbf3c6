// Errors in an integration or in the host's configuration, thrown at start.
import { LatchkeyError } from './latchkey-error.ts'

/** The definition of an integration is invalid. The message names the property. */
export class IntegrationError extends LatchkeyError {
  readonly code = 'INTEGRATION'
  readonly domain: string
  constructor(domain: string, message: string) {
    super(message)
    this.domain = domain
  }
}

/** The host's configuration is invalid, for example a plain cipher with a durable store. */
export class ConfigurationError extends LatchkeyError {
  readonly code = 'CONFIGURATION'
}
