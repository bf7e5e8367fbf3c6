import { LatchkeyError } from '../../src/index.ts'

/** What a host in a process of its own may be asked for; each answers with JSON. */
export type CallTable = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>

/** Answers the calls of the process that started this one, until it is told to stop. */
export function answerCalls(calls: CallTable): void {
  let stopped = false
  let unanswered = 0
  // Nobody is left to answer to.
  process.once('disconnect', () => stopped || process.exit(1))
  process.on('message', async ({ id, call, args }: { id: number; call: string; args: never[] }) => {
    unanswered++
    const reply = await (calls[call] as CallTable[string])(...args).then(
      (result) => ({ id, result }),
      (error: unknown) => ({ id, code: error instanceof LatchkeyError ? error.code : String(error) }),
    )
    stopped ||= call === 'stop'
    process.send?.(reply, undefined, {}, () => {
      // When all calls are answered the process ends by itself, if nothing that was opened keeps it alive.
      if (--unanswered === 0 && stopped) process.disconnect()
    })
  })
  process.send?.({ id: 0 })
}
