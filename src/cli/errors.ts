// What the command line says no to.
import { LatchkeyError } from '../errors.ts'

/** The command was called wrongly; the sentence says how it is called. */
export class UsageError extends LatchkeyError {
  readonly code = 'USAGE'
}

/** There is no configuration where one was looked for. */
export class ConfigMissingError extends LatchkeyError {
  readonly code = 'CONFIG_MISSING'
  readonly path: string
  constructor(path: string, message: string) {
    super(message)
    this.path = path
  }
}

/** The configuration cannot be loaded, or is no configuration. */
export class ConfigInvalidError extends LatchkeyError {
  readonly code = 'CONFIG_INVALID'
  readonly path: string
  constructor(path: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.path = path
  }
}

/** An optional package that the command needs is not installed. */
export class PeerMissingError extends LatchkeyError {
  readonly code = 'PEER_MISSING'
  readonly peer: string
  constructor(peer: string) {
    super(`The command needs the package ${peer}, which is not installed. Run: npm install ${peer}`)
    this.peer = peer
  }
}

/** Somebody else listens on the port. */
export class PortTakenError extends LatchkeyError {
  readonly code = 'PORT_TAKEN'
  readonly port: number
  constructor(port: number, options?: ErrorOptions) {
    super(`The port ${port} is taken. Choose another with --port, or --port 0 for a free one.`, options)
    this.port = port
  }
}

/** A service sends the browser back to where this command does not answer. */
export class ServeNeededError extends LatchkeyError {
  readonly code = 'SERVE_NEEDED'
  /** Where the browser comes back to. */
  readonly url: string
  constructor(url: string) {
    super(
      `This sign-in comes back to ${url}, where this command does not answer. Go on in the page there; latchkey serve serves it.`,
    )
    this.url = url
  }
}

/** No integration of the configuration has this domain. */
export class UnknownIntegrationError extends LatchkeyError {
  readonly code = 'UNKNOWN_DOMAIN'
  constructor(domains: readonly string[]) {
    super(`The configuration has no such integration. It has ${domains.join(', ') || 'none'}.`)
  }
}

/** A person called it off. */
export class CancelledError extends LatchkeyError {
  readonly code = 'CANCELLED'
  constructor(message = 'Cancelled. Nothing was changed.') {
    super(message)
  }
}
