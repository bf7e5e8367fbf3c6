/**
 * The kind of a page: a form, a form with choices that the service provides (`found_form`), a sign-in in a browser
 * (`authorize`), or a sign-in with a code on another device (`device`).
 */
export type PageKind = 'form' | 'found_form' | 'authorize' | 'device'

/** The pages of each sign-in method by name. The name is `''` if the integration has only one unnamed method. */
export type Methods = Readonly<Record<string, readonly PageKind[]>>

/**
 * The pages of the flows about an entry, by {@link entryFormKey}. A form with one page and no choices of the service is
 * left out.
 */
export type EntryPages = Readonly<Record<string, readonly PageKind[]>>

/** The parts of a flow that decide which form it shows. */
interface EntryForm {
  readonly source: string
  readonly method: string | null
  readonly subentry: { readonly type: string; readonly revision: number | null } | null
}

/** Returns the key of the form of a flow about an entry. */
export function entryFormKey({ source, method, subentry }: EntryForm): string {
  if (subentry !== null) return `${source} ${subentry.type} ${subentry.revision === null ? 'new' : 'stored'}`
  return source === 'options' ? source : `${source} ${method}`
}
