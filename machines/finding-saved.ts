import type { ConfigFlowContext } from './config-flow-types.ts'

/** The work that reads whether a write without an answer was made. */
export const findSaved = {
  id: 'findSaved',
  src: 'findSaved',
  input: ({ context: { flowId, connection } }: { context: FlowAndConnection }) => ({ flowId, connection }),
} as const

type FlowAndConnection = Pick<ConfigFlowContext, 'flowId' | 'connection'>
