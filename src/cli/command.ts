import type { Readable, Writable } from 'node:stream'
import type { ExitCode } from './exit-codes.ts'

/** The environment of a command. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable & { readonly isTTY?: boolean }
  readonly errors: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  readonly directory: string
  /** Aborts the command. `interrupt` fires it. */
  readonly signal: AbortSignal
  interrupt(): void
}

/** The options of all commands. */
export interface CommonOptions {
  readonly config?: string
  readonly json?: boolean
}

/** The result of a command. */
export interface Outcome {
  readonly exit: ExitCode
  /** The document that `--json` prints. */
  readonly document: unknown
  /** The text for the terminal. If it is empty, nothing is printed. */
  readonly text: string
}

/** Prints the result of a command, as one JSON document or as text. */
export function printOutcome(
  { output }: Terminal,
  { json }: CommonOptions,
  { document, text }: Omit<Outcome, 'exit'>,
): void {
  if (json === true) output.write(`${JSON.stringify(document)}\n`)
  else if (text !== '') output.write(`${text}\n`)
}

/** Whether the command can prompt a user. */
export function isInteractive({ input, output }: Terminal, { json }: CommonOptions): boolean {
  return json !== true && input.isTTY === true && output.isTTY === true
}
