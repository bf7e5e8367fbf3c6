import type { ConfigFlowContext } from './config-flow-types.ts'
import { entryFormKey, type PageKind } from './methods.ts'

/** A state of `asking` that shows a page of a method. */
export type PageForm =
  | 'user'
  | 'discovery_confirm'
  | 'authorize'
  | 'device'
  | 'reauth_confirm'
  | 'reconfigure'
  | 'replace'

type Selected = Pick<ConfigFlowContext, 'source' | 'methods' | 'method' | 'page' | 'entryPages' | 'subentry'>

/** The forms of flows about an existing entry. */
const formsOfEntries: Readonly<Partial<Record<ConfigFlowContext['source'], PageForm>>> = {
  reauth: 'reauth_confirm',
  reconfigure: 'reconfigure',
  replace: 'replace',
}

/** Whether a flow of this source asks for what an entry has already. */
const isOfEntry = ({ source }: Pick<Selected, 'source'>): boolean =>
  source in formsOfEntries || source === 'options' || source === 'subentry'

const ONE_FORM: readonly PageKind[] = ['form']

/** The pages of the selected method, or of the form of an entry. */
export function pagesOf(selected: Omit<Selected, 'page'>): readonly PageKind[] {
  const { methods, method, entryPages } = selected
  const ofMethod = methods[String(method)] ?? ONE_FORM
  if (!isOfEntry(selected)) return ofMethod
  const signsIn = ofMethod[0] === 'authorize' || ofMethod[0] === 'device'
  return (
    entryPages[entryFormKey(selected)] ?? (signsIn && selected.source in formsOfEntries ? ofMethod : ONE_FORM)
  )
}

const isSignIn = (kind: PageKind): boolean => kind === 'authorize' || kind === 'device'

/** The index of the sign-in that the current page follows or is. That of the current page without one. */
export function signInPage(selected: Selected): number {
  const index = pagesOf(selected)
    .slice(0, selected.page + 1)
    .findLastIndex(isSignIn)
  return index === -1 ? selected.page : index
}

/** The index of the page that the user saw before the current one: not of a choice that was settled without a question. */
export function pageBefore(selected: Selected & Pick<ConfigFlowContext, 'choices'>): number {
  const first = signInPage(selected)
  let page = selected.page - 1
  while (page > first && selected.choices[page] === undefined) page--
  return page
}

/** The form of a page of the selected method. */
export function formOf(selected: Selected): PageForm {
  const { source, page } = selected
  const kind = pagesOf(selected)[page]
  if (kind === 'authorize' || kind === 'device') return kind
  const ofEntry = formsOfEntries[source]
  if (ofEntry !== undefined) return ofEntry
  return source === 'discovery' && page === 0 ? 'discovery_confirm' : 'user'
}
