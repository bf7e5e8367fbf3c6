/** A way to run flows: each call is one whole flow, from its start to its end, which it has checked. */
export interface FlowRunner {
  /** start → form → token → connect → same account → entry updated → unloaded and set up → reauth_successful */
  reauth(): Promise<void>
  /** The same with another account: nothing is written. */
  wrongAccount(): Promise<void>
  /** start → form → bad token → form with an error → good token → entry created and set up */
  user(): Promise<void>
  stop?(): Promise<void>
}

/** Fails the bench where a flow did not end as it should: a fast wrong answer is none. */
export function expectEnd(ended: string | null | undefined, expected: string): void {
  if (ended !== expected) throw new Error(`A flow ended with ${ended}, not with ${expected}.`)
}
