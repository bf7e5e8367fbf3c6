import { endWith } from './config-flow-ends.ts'
import type { ConfigFlowContext } from './config-flow-types.ts'
import type { FindSavedResult } from './flow-result.ts'

/** The work that reads whether a write without an answer was made. */
export const findSaved = {
  id: 'findSaved',
  src: 'findSaved',
  input: ({ context: { flowId, connection } }: { context: FlowAndConnection }) => ({ flowId, connection }),
} as const

/** Returns the result of that work. */
export const found = ({ event }: { event: { output: FindSavedResult } }) => event.output

/** Ends the flow if another process has changed it. */
export const endSuperseded = {
  guard: { type: 'flowEnded', params: found },
  ...endWith('cancelled'),
} as const

type FlowAndConnection = Pick<ConfigFlowContext, 'flowId' | 'connection'>
