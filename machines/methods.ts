/**
 * What a page of a new entry's setup shows: fields, a menu, a menu whose options have to be found first, or where to
 * sign in: in a browser (`authorize`), or by a code on another device (`device`).
 */
export type PageKind = 'form' | 'menu' | 'found_menu' | 'authorize' | 'device'

/** The ways in that an integration has, by name, each with its pages; `''` where there is nothing to choose. */
export type Methods = Readonly<Record<string, readonly PageKind[]>>
