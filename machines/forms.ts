import type { ConfigFlowContext } from './config-flow-types.ts'
import type { PageKind } from './methods.ts'

/** A state of `asking` that shows a page of a method. */
export type PageForm =
  | 'user'
  | 'discovery_confirm'
  | 'menu'
  | 'authorize'
  | 'device'
  | 'reauth_confirm'
  | 'reconfigure'
  | 'replace'

type Selected = Pick<ConfigFlowContext, 'source' | 'methods' | 'method' | 'page'>

/** The forms of flows about an existing entry. Such a flow has one page. */
const formsOfEntries: Readonly<Partial<Record<ConfigFlowContext['source'], PageForm>>> = {
  reauth: 'reauth_confirm',
  reconfigure: 'reconfigure',
  replace: 'replace',
}

/** The pages of the selected method. */
export const pagesOf = ({ methods, method }: Pick<Selected, 'methods' | 'method'>): readonly PageKind[] =>
  methods[String(method)] ?? ['form']

/** The form of a page of the selected method. */
export function formOf(selected: Selected): PageForm {
  const { source, page } = selected
  const kind = pagesOf(selected)[page]
  if (kind === 'authorize' || kind === 'device') return kind
  const ofEntry = formsOfEntries[source]
  if (ofEntry !== undefined) return ofEntry
  if (kind === 'menu' || kind === 'found_menu') return 'menu'
  return source === 'discovery' && page === 0 ? 'discovery_confirm' : 'user'
}
