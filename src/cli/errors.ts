// The errors of the command line.
import { LatchkeyError } from '../errors.ts'

/** Invalid arguments. The message shows the correct usage. */
export class UsageError extends LatchkeyError {
  readonly code = 'USAGE'
}

/** The configuration file does not exist. */
export class ConfigMissingError extends LatchkeyError {
  readonly code = 'CONFIG_MISSING'
  readonly path: string
  constructor(path: string, message: string) {
    super(message)
    this.path = path
  }
}

/** The configuration file cannot be loaded, or its default export is invalid. */
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
    super(`This command needs the package ${peer}. Run: npm install ${peer}`)
    this.peer = peer
  }
}

/** The file of `--token-file` cannot be used. The message shows what to do, and never the token. */
export class TokenFileError extends LatchkeyError {
  readonly code = 'TOKEN_FILE'
  readonly path: string
  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`Token file ${path} ${problem}`, options)
    this.path = path
  }
}

/** Another process listens on the port. */
export class PortTakenError extends LatchkeyError {
  readonly code = 'PORT_TAKEN'
  readonly port: number
  constructor(port: number, options?: ErrorOptions) {
    super(`Port ${port} is in use. Choose another one with --port, or a free one with --port 0.`, options)
    this.port = port
  }
}

/** The service would redirect the browser to an address that this command cannot serve. */
export class ServeNeededError extends LatchkeyError {
  readonly code = 'SERVE_NEEDED'
  /** The redirect address. */
  readonly url: string
  constructor(url: string) {
    super(
      `This sign-in returns to ${url}, which this command cannot serve. Run latchkey serve and continue in the page.`,
    )
    this.url = url
  }
}

/** The configuration does not contain an integration with this domain. */
export class UnknownIntegrationError extends LatchkeyError {
  readonly code = 'UNKNOWN_DOMAIN'
  constructor(domains: readonly string[]) {
    super(`Unknown integration. Configured integrations: ${domains.join(', ') || 'none'}.`)
  }
}

/** The user cancelled the command. */
export class CancelledError extends LatchkeyError {
  readonly code = 'CANCELLED'
  constructor(message = 'Cancelled. Nothing was changed.') {
    super(message)
  }
}
