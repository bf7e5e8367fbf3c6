import type { CommonOptions, Outcome, Terminal } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { BY, withHost } from './open-host.ts'

/** `latchkey cancel`: cancels an open flow, also one that cannot be read. */
export function cancel(terminal: Terminal, options: CommonOptions, flowId: string): Promise<Outcome> {
  return withHost(terminal, options, async ({ scoped }) => {
    const end = await scoped.flows.cancel(flowId, BY)
    return { exit: EXIT.done, document: end, text: 'text' in end ? end.text : `Flow ${flowId} has ended.` }
  })
}
