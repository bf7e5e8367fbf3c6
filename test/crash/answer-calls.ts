import { LatchkeyError } from '../../src/index.ts'

/** The calls of a host in a separate process. Each answers with JSON. */
export type CallTable = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>

/** Answers the calls of the parent process until `stop`. */
export function answerCalls(calls: CallTable): void {
  let stopped = false
  let unanswered = 0
  // The parent process has ended.
  process.once('disconnect', () => stopped || process.exit(1))
  process.on('message', async ({ id, call, args }: { id: number; call: string; args: never[] }) => {
    unanswered++
    const reply = await (calls[call] as CallTable[string])(...args).then(
      (result) => ({ id, result }),
      (error: unknown) => ({ id, code: error instanceof LatchkeyError ? error.code : String(error) }),
    )
    stopped ||= call === 'stop'
    process.send?.(reply, undefined, {}, () => {
      // After all calls are answered the process ends by itself, unless a handle is still open.
      if (--unanswered === 0 && stopped) process.disconnect()
    })
  })
  process.send?.({ id: 0 })
}
