import type { PageForm } from './forms.ts'

type FormGuard = 'formIs' | 'firstFormIs' | 'previousFormIs' | 'nextFormIs'

/** The target of a transition to a form of the config flow. */
export const formTarget = <
  Form extends
    | PageForm
    | 'pick_method'
    | 'replace_confirm'
    | 'repair_confirm'
    | 'account_confirm'
    | 'challenge'
    | 'last',
>(
  form: Form,
) => `#configFlow.asking.${form}` as const

/** Transitions to forms, each with a guard that selects the form of a page. */
export const toForms = <Guard extends FormGuard, const Actions>(
  guard: Guard,
  forms: readonly PageForm[],
  actions: Actions,
) => forms.map((form) => ({ guard: { type: guard, params: { form } }, target: formTarget(form), actions }))

/** Transitions to the form of the current page, in a flow that creates an entry. */
export const toNewEntryForm = <const Actions>(actions: Actions) => [
  ...toForms('formIs', ['authorize', 'device', 'discovery_confirm'], actions),
  { target: formTarget('user'), actions },
]

/** Transitions to the form of a flow about an existing entry. */
export const toEntryForm = <const Actions>(actions: Actions) => [
  ...toForms('formIs', ['authorize', 'device', 'reauth_confirm', 'reconfigure'], actions),
  { target: formTarget('replace'), actions },
]

/** Transitions to the form of the current page, in any flow. */
export const toForm = <const Actions>(actions: Actions) => [
  ...toForms('formIs', ['authorize', 'device', 'reauth_confirm', 'reconfigure', 'replace'], actions),
  ...toForms('formIs', ['discovery_confirm'], actions),
  { target: formTarget('user'), actions },
]
