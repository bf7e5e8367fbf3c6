import { endWith } from './config-flow-ends.ts'
import { configFlowSetup } from './config-flow-setup.ts'

/** The first state of every flow that is about an entry. */
export const findingEntry = configFlowSetup.createStateConfig({
  description: 'Reads the entry that the flow is about.',
  tags: 'working',
  invoke: {
    id: 'findEntry',
    src: 'findEntry',
    input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId }),
    onDone: [
      {
        guard: { type: 'entryFound', params: ({ event }) => event.output },
        target: 'asking',
        actions: { type: 'rememberEntry', params: ({ event }) => event.output },
      },
      {
        guard: { type: 'entryIsDisabled', params: ({ event }) => event.output },
        ...endWith('entry_disabled'),
      },
      endWith('entry_removed'),
    ],
    onError: endWith('unknown'),
  },
  on: {
    cancel: endWith('cancelled'),
    entryRemoved: endWith('entry_removed'),
    entryDisabled: endWith('entry_disabled'),
  },
})
