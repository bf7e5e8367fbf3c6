import { endWith } from './config-flow-ends.ts'
import type { Draft } from './draft.ts'
import type { PublicValues } from './flow-result.ts'
import type { FormErrors } from './form-errors.ts'

/** Stores the submitted draft in the context and clears the errors. */
export const takeDraft = {
  type: 'takeDraft',
  params: ({ event }: { event: { draft: Draft; values: PublicValues } }) => event,
} as const

/** Shows validation errors on the current step. */
export const showErrors = {
  actions: {
    type: 'showErrors',
    params: ({ event }: { event: { errors: FormErrors; values: PublicValues } }) => event,
  },
} as const

/** Ends a flow about an entry that makes no sign-in. */
export const entryEvents = {
  cancel: endWith('cancelled'),
  entryRemoved: endWith('entry_removed'),
  entryDisabled: endWith('entry_disabled'),
} as const

/** The events of a form with pages, in a flow that makes no sign-in. After the last page, the flow continues at `last`. */
export const pageEvents = <Last extends string>(last: Last) =>
  ({
    submit: [
      { guard: 'nextPageNeedsChoices', target: 'findingChoices', actions: [takeDraft, 'turnPage'] },
      { guard: 'hasNextPage', actions: [takeDraft, 'turnPage'] },
      { target: last, actions: takeDraft },
    ],
    reject: showErrors,
    retry: { guard: 'choicesAreMissing', target: 'findingChoices' },
    back: { guard: 'hasPageBefore', actions: 'turnBack' },
    expireDraft: {
      guard: 'hasPageBefore',
      actions: ['startOver', { type: 'showError', params: { code: 'expired' } }],
    },
    expire: endWith('flow_expired'),
    ...entryEvents,
  }) as const
