/** The exit codes of `latchkey`. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  needsUser: 3,
  notFound: 4,
  cancelled: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const meanings: readonly (readonly [ExitCode, string])[] = [
  [EXIT.done, 'done'],
  [EXIT.failed, 'failed: rejected credential, unreachable service or store'],
  [EXIT.usage, 'invalid usage: unknown option, missing value or configuration'],
  [EXIT.needsUser, 'user input needed: attention, challenge or sign-in'],
  [EXIT.notFound, 'entry or integration not found'],
  [EXIT.cancelled, 'cancelled by the user'],
]

/** The list of exit codes in the output of `--help`. */
export const exitCodesHelp = [
  'Exit codes:',
  ...meanings.map(([code, text]) => `  ${String(code).padEnd(4)} ${text}`),
].join('\n')

const codes: ReadonlyMap<string, ExitCode> = new Map([
  ['UNKNOWN_ENTRY', EXIT.notFound],
  ['UNKNOWN_DOMAIN', EXIT.notFound],
  ['UNKNOWN_FLOW', EXIT.notFound],
  ['USAGE', EXIT.usage],
  ['CONFIG_MISSING', EXIT.usage],
  ['CONFIG_INVALID', EXIT.usage],
  ['PEER_MISSING', EXIT.usage],
  ['CONFIGURATION', EXIT.usage],
  ['INTEGRATION', EXIT.usage],
  ['INVALID_INPUT', EXIT.usage],
  ['FILE_EXISTS', EXIT.usage],
  ['INVALID_BACKUP', EXIT.usage],
  ['SCOPE', EXIT.usage],
  ['PORT_TAKEN', EXIT.usage],
  ['TOKEN_FILE', EXIT.usage],
  ['REAUTH_REQUIRED', EXIT.needsUser],
  ['SERVE_NEEDED', EXIT.needsUser],
  ['CANCELLED', EXIT.cancelled],
  ['STOPPED', EXIT.cancelled],
])

/** Returns the exit code for an error code. */
export function exitCodeOf(code: string): ExitCode {
  return codes.get(code) ?? EXIT.failed
}
