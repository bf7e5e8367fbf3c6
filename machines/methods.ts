/**
 * The kind of a page in the setup of a new entry: a form, a menu, a menu whose options the service provides, a sign-in in a
 * browser (`authorize`), or a sign-in with a code on another device (`device`).
 */
export type PageKind = 'form' | 'menu' | 'found_menu' | 'authorize' | 'device'

/** The pages of each sign-in method by name. The name is `''` if the integration has only one unnamed method. */
export type Methods = Readonly<Record<string, readonly PageKind[]>>
