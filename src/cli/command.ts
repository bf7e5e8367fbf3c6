import type { Readable, Writable } from 'node:stream'
import type { ExitCode } from './exit-codes.ts'

/** Where a command runs. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable & { readonly isTTY?: boolean }
  readonly errors: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  readonly directory: string
  /** Ends whatever is being done; `interrupt` fires it. */
  readonly signal: AbortSignal
  interrupt(): void
}

/** What every command takes. */
export interface CommonOptions {
  readonly config?: string
  readonly json?: boolean
}

/** What a command comes to. */
export interface Outcome {
  readonly exit: ExitCode
  /** What `--json` prints. */
  readonly document: unknown
  /** What people read; nothing is printed where it is empty. */
  readonly text: string
}

/** Prints what a command comes to: one JSON document, or text. */
export function tell(
  { output }: Terminal,
  { json }: CommonOptions,
  { document, text }: Omit<Outcome, 'exit'>,
): void {
  if (json === true) output.write(`${JSON.stringify(document)}\n`)
  else if (text !== '') output.write(`${text}\n`)
}

/** Whether somebody is there to be asked. */
export function isInteractive({ input, output }: Terminal, { json }: CommonOptions): boolean {
  return json !== true && input.isTTY === true && output.isTTY === true
}
