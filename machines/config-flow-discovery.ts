import { foundOf } from './commit-input.ts'
import { endAtHolder, endSuccessfullyAs, endWith, successfulAbort } from './config-flow-ends.ts'
import { formTarget, toNewEntryForm } from './config-flow-forms.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import type { CreateEntryResult, FindAccountResult } from './flow-result.ts'

const outcome = ({ event }: { event: { output: FindAccountResult } }) => event.output
const answers = <Guard extends string>(type: Guard) => ({ type, params: outcome }) as const
const rememberKnown = { type: 'rememberKnown', params: outcome } as const

/** The states of a discovery, and of a flow whose integration allows one entry. */
export const discoveryStates = {
  findingAccount: configFlowSetup.createStateConfig({
    description: 'Checks whether the account already has an entry or an open flow.',
    tags: 'working',
    invoke: {
      id: 'findAccount',
      src: 'findAccount',
      input: ({ context }) => ({
        flowId: context.flowId,
        source: context.source,
        found: context.found,
        values: context.values,
      }),
      onDone: [
        { guard: answers('accountHasOpenFlow'), ...endWith('already_in_progress') },
        { guard: answers('onlyOneAllowed'), ...endAtHolder('single_instance_allowed', outcome) },
        { guard: answers('accountIsKnown'), target: 'noticingEntry', actions: rememberKnown },
        { guard: answers('deviceHasReturned'), target: 'withdrawingProposal', actions: rememberKnown },
        { guard: answers('addressIsFollowed'), target: 'keepingAddress', actions: rememberKnown },
        { guard: answers('addressHasChanged'), target: 'proposingAddress', actions: rememberKnown },
        { guard: 'isImport', target: 'checkingConnection' },
        { guard: 'mustPickMethod', target: formTarget('pick_method') },
        { guard: 'pageNeedsChoices', target: 'findingChoices' },
        ...toNewEntryForm([]),
      ],
      onError: endWith('unknown'),
    },
    on: { cancel: endWith('cancelled') },
  }),

  noticingEntry: configFlowSetup.createStateConfig({
    description:
      'The account was found at its known address: an entry that waits for it connects immediately.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'noticeEntry',
      src: 'noticeEntry',
      input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId }),
      onDone: endWith('already_configured'),
      onError: endWith('already_configured'),
    },
  }),

  withdrawingProposal: configFlowSetup.createStateConfig({
    description: 'The device is back at its known address: the proposal of another one is withdrawn.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'withdrawProposal',
      src: 'withdrawProposal',
      input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId }),
      onDone: endWith('already_configured'),
      onError: endWith('already_configured'),
    },
  }),

  proposingAddress: configFlowSetup.createStateConfig({
    description:
      'Stores the proposed address. Announcements are not authenticated, so a user must confirm it.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'proposeAddress',
      src: 'proposeAddress',
      input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId, values: context.values }),
      onDone: endWith('already_configured'),
      onError: endWith('unknown'),
    },
  }),

  keepingAddress: configFlowSetup.createStateConfig({
    description:
      'Keeps the new address: the entry tries it without confirmation after its connection was lost.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'keepAddress',
      src: 'keepAddress',
      input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId, values: context.values }),
      onDone: endWith('already_configured'),
      onError: endWith('unknown'),
    },
  }),

  ignoringAccount: configFlowSetup.createStateConfig({
    description: 'Saves that the user ignores the account.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'ignoreAccount',
      src: 'ignoreAccount',
      input: ({ context }) => ({
        flowId: context.flowId,
        found: foundOf(context),
        end: successfulAbort('ignored'),
      }),
      onDone: [
        { guard: { type: 'answerIsLost', params: ({ event }) => event.output }, target: 'findingSaved' },
        {
          guard: { type: 'alreadyConfigured', params: ({ event }) => event.output },
          ...endAtHolder(
            'already_configured',
            ({ event }: { event: { output: CreateEntryResult } }) => event.output,
          ),
        },
        { guard: { type: 'flowEnded', params: ({ event }) => event.output }, ...endWith('cancelled') },
        {
          target: 'abort',
          actions: [
            { type: 'rememberCreated', params: ({ event }) => event.output },
            endSuccessfullyAs('ignored'),
          ],
        },
      ],
      onError: { target: formTarget('last'), actions: { type: 'showError', params: { code: 'unknown' } } },
    },
  }),
} as const
