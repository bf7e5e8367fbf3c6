/** What `latchkey` tells the shell. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  needsPerson: 3,
  notFound: 4,
  cancelled: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const meanings: readonly (readonly [ExitCode, string])[] = [
  [EXIT.done, 'done'],
  [
    EXIT.failed,
    'it failed: the credential was refused, the service could not be reached, the store could not be opened',
  ],
  [
    EXIT.usage,
    'called wrongly: an unknown option, a missing value, a configuration that is missing or wrong',
  ],
  [
    EXIT.needsPerson,
    'a person is needed: list --check and doctor found entries that need one, a challenge has no answer, or somebody has to sign in at the service',
  ],
  [EXIT.notFound, 'there is no such entry or integration'],
  [EXIT.cancelled, 'cancelled by a person'],
]

/** The exit codes as `--help` lists them. */
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
  ['SCOPE', EXIT.usage],
  ['PORT_TAKEN', EXIT.usage],
  ['REAUTH_REQUIRED', EXIT.needsPerson],
  ['SERVE_NEEDED', EXIT.needsPerson],
  ['CANCELLED', EXIT.cancelled],
  ['STOPPED', EXIT.cancelled],
])

/** The exit code of an error's code. */
export function exitCodeOf(code: string): ExitCode {
  return codes.get(code) ?? EXIT.failed
}
