import { abortWith } from './config-flow-ends.ts'
import { configFlowSetup } from './config-flow-setup.ts'
import type { FindEntryResult } from './flow-result.ts'
import type { PageForm } from './forms.ts'

const outcome = ({ event }: { event: { output: FindEntryResult } }) => event.output

/** Stores the entry that was found in the context. */
export const rememberEntry = { type: 'rememberEntry', params: outcome } as const

/** A transition that is taken if the entry was found. */
interface Found {
  readonly guard?:
    | 'hasVerifiedConnection'
    | 'pageNeedsChoices'
    | { readonly type: 'formIs'; readonly params: { readonly form: PageForm } }
  readonly target: string
  readonly actions: typeof rememberEntry
}

/** The first state of every flow that is about an entry. */
export const findingEntryThen = (found: readonly Found[]) =>
  configFlowSetup.createStateConfig({
    description: 'Reads the entry that the flow is about.',
    tags: 'working',
    invoke: {
      id: 'findEntry',
      src: 'findEntry',
      input: ({ context }) => ({ flowId: context.flowId, entryId: context.entryId }),
      onDone: [
        { guard: { type: 'entryIsMissing', params: outcome }, ...abortWith('entry_removed') },
        { guard: { type: 'entryIsDisabled', params: outcome }, ...abortWith('entry_disabled') },
        ...found,
      ],
      onError: abortWith('unknown'),
    },
    on: {
      cancel: abortWith('cancelled'),
      entryRemoved: abortWith('entry_removed'),
      entryDisabled: abortWith('entry_disabled'),
    },
  })
