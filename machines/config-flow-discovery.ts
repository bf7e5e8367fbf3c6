import { end, endWith } from './config-flow-ends.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import type { FindAccountResult } from './flow-result.ts'
import { foundOf } from './proven.ts'

/** What there is of what was found. */
const outcome = ({ event }: { event: { output: FindAccountResult } }) => event.output
const answers = <Guard extends string>(type: Guard) => ({ type, params: outcome }) as const
const rememberKnown = { type: 'rememberKnown', params: outcome } as const

/** The states that a flow goes through because something was found, or because there may be one entry alone. */
export const discoveryStates = {
  findingAccount: configFlowSetup.createStateConfig({
    description: 'Looks whether what was found is linked already, or is to be asked about already.',
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
        { guard: answers('accountIsHeld'), ...endWith('already_in_progress') },
        { guard: answers('allowsNoMore'), ...endWith('single_instance_allowed') },
        { guard: answers('accountIsKnown'), target: 'noticingEntry', actions: rememberKnown },
        { guard: answers('addressIsFollowed'), target: 'followingAddress', actions: rememberKnown },
        { guard: answers('addressHasChanged'), target: 'proposingAddress', actions: rememberKnown },
        { guard: 'isImport', target: 'checkingConnection' },
        { target: 'asking' },
      ],
      onError: endWith('unknown'),
    },
    on: { cancel: endWith('cancelled') },
  }),

  noticingEntry: configFlowSetup.createStateConfig({
    description: 'It is there, where its entry says: an entry that waits for it is tried at once.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'noticeEntry',
      src: 'noticeEntry',
      input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId }),
      onDone: endWith('already_configured'),
      onError: endWith('already_configured'),
    },
  }),

  proposingAddress: configFlowSetup.createStateConfig({
    description: 'It says that it is elsewhere now. Anybody can say so: a person has to confirm it.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'proposeAddress',
      src: 'proposeAddress',
      input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId, values: context.values }),
      onDone: endWith('already_configured'),
      onError: endWith('unknown'),
    },
  }),

  followingAddress: configFlowSetup.createStateConfig({
    description: 'It is elsewhere now, and the integration trusts whoever says so.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'followAddress',
      src: 'followAddress',
      input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId, values: context.values }),
      onDone: endWith('already_configured'),
      onError: endWith('unknown'),
    },
  }),

  ignoringAccount: configFlowSetup.createStateConfig({
    description: 'Keeps in mind that a person wants nothing of what was found.',
    tags: ['working', 'committing'],
    invoke: {
      id: 'ignoreAccount',
      src: 'ignoreAccount',
      input: ({ context }) => ({
        flowId: context.flowId,
        found: foundOf(context),
        end: { type: 'abort', reason: 'ignored' },
      }),
      onDone: [
        {
          guard: { type: 'alreadyConfigured', params: ({ event }) => event.output },
          ...endWith('already_configured'),
        },
        { guard: { type: 'flowEnded', params: ({ event }) => event.output }, ...endWith('cancelled') },
        {
          target: 'abort',
          actions: [{ type: 'rememberCreated', params: ({ event }) => event.output }, end('ignored')],
        },
      ],
      onError: { target: 'asking', actions: { type: 'showError', params: { code: 'unknown' } } },
    },
  }),
} as const
