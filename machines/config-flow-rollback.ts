import { end, endWith } from './config-flow-ends.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import type { RestoreEntryResult, TryEntryResult } from './flow-result.ts'

const tried = ({ event }: { event: { output: TryEntryResult } }) => event.output
const restored = ({ event }: { event: { output: RestoreEntryResult } }) => event.output

/**
 * What follows a reconfiguration of an entry that connects anew: what is saved has to prove itself once more, and what
 * it replaced is put back where it does not.
 */
export const rollBackStates = {
  tryingEntry: configFlowSetup.createStateConfig({
    description: 'The change is saved, and what it replaced is kept: the entry is set up with it.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'tryEntry',
      src: 'tryEntry',
      input: ({ context }) => ({ entryId: context.entryId, connection: context.connection }),
      onDone: [
        {
          guard: { type: 'doesNotRun', params: tried },
          target: 'rollingBack',
          actions: { type: 'rememberFailure', params: tried },
        },
        { target: 'abort', actions: 'endSuccessfully' },
      ],
      onError: { target: 'rollingBack', actions: { type: 'showError', params: { code: 'unknown' } } },
    },
  }),

  rollingBack: configFlowSetup.createStateConfig({
    description: 'The entry does not run with the change: what it replaced is put back, and runs again.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'restoreEntry',
      src: 'restoreEntry',
      input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId }),
      onDone: [
        {
          guard: { type: 'isRestored', params: restored },
          target: 'asking',
          actions: { type: 'rememberRestored', params: restored },
        },
        { guard: { type: 'entryIsMissing', params: restored }, ...endWith('entry_removed') },
        { guard: { type: 'entryIsDisabled', params: restored }, ...endWith('entry_disabled') },
        endWith('entry_changed'),
      ],
      // What was saved stays, and is whole; its entry says by itself what is wrong with it.
      onError: { target: 'abort', actions: end('unknown') },
    },
  }),
} as const
