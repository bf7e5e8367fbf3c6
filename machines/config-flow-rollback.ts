import { end, endSuccessfully, endWith } from './config-flow-ends.ts'
import { formTarget, toForms } from './config-flow-forms.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import { endSuperseded, findSaved, found } from './finding-saved.ts'
import type { RestoreEntryResult, TryEntryResult } from './flow-result.ts'

const loaded = ({ event }: { event: { output: TryEntryResult } }) => event.output
const restored = ({ event }: { event: { output: RestoreEntryResult } }) => event.output

// The saved change is complete and stays. The entry's own state shows its error.
const endUnrestored = { target: 'abort', actions: end('unknown') } as const

/**
 * The states after a reconfiguration whose entry does not adopt the verified connection. The entry loads with the saved
 * change. If that fails, the previous values are restored.
 */
export const rollBackStates = {
  tryingEntry: configFlowSetup.createStateConfig({
    description: 'Loads the entry with the saved change. The previous values are still stored.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'tryEntry',
      src: 'tryEntry',
      input: ({ context }) => ({ entryId: context.entryId, connection: context.connection }),
      onDone: [
        {
          guard: { type: 'setupFailed', params: loaded },
          target: 'rollingBack',
          actions: { type: 'rememberFailure', params: loaded },
        },
        { target: 'abort', actions: endSuccessfully },
      ],
      onError: { target: 'rollingBack', actions: { type: 'showError', params: { code: 'unknown' } } },
    },
  }),

  rollingBack: configFlowSetup.createStateConfig({
    description:
      'Restores the previous values, because the entry did not load with the change, and reloads it.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'restoreEntry',
      src: 'restoreEntry',
      input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId }),
      onDone: [
        { guard: { type: 'answerIsLost', params: restored }, target: 'findingRestored' },
        { guard: { type: 'entryIsMissing', params: restored }, ...endWith('entry_removed') },
        { guard: { type: 'entryIsDisabled', params: restored }, ...endWith('entry_disabled') },
        { guard: { type: 'entryChanged', params: restored }, ...endWith('entry_changed') },
        { guard: { type: 'alreadyConfigured', params: restored }, ...endWith('already_configured') },
        ...toForms('formIs', ['authorize', 'device'], { type: 'rememberRestored', params: restored }),
        { target: formTarget('reconfigure'), actions: { type: 'rememberRestored', params: restored } },
      ],
      onError: endUnrestored,
    },
  }),

  findingRestored: configFlowSetup.createStateConfig({
    description: 'The store did not answer. Reads whether the previous values are restored.',
    tags: ['working', 'committing'],
    invoke: {
      ...findSaved,
      onDone: [
        endSuperseded,
        { guard: { type: 'changeIsUnsaved', params: found }, ...endUnrestored },
        ...toForms('formIs', ['authorize', 'device'], { type: 'rememberRestored', params: found }),
        { target: formTarget('reconfigure'), actions: { type: 'rememberRestored', params: found } },
      ],
      onError: endUnrestored,
    },
  }),
} as const
