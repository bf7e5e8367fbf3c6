/** Runs flows. Each call runs one whole flow and checks its result. */
export interface FlowRunner {
  /** start → form → token → connect → same account → entry updated → unloaded and set up → reauth_successful */
  reauth(): Promise<void>
  /** Like `reauth`, but with another account: nothing is written. */
  wrongAccount(): Promise<void>
  /** start → form → bad token → form with an error → good token → entry created and set up */
  user(): Promise<void>
  stop?(): Promise<void>
}

/** Throws if a flow has an unexpected result, because the time of a wrong result is meaningless. */
export function expectEnd(ended: string | null | undefined, expected: string): void {
  if (ended !== expected) throw new Error(`A flow ended with ${ended}, not with ${expected}.`)
}
