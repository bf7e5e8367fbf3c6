/** The default principal of a call. */
export const HOST = 'host'

/** The principal of changes that Latchkey makes by itself. */
export const ENGINE = 'latchkey'

const LINK = 'link:'

/** The principal of the users of a repair link. */
export const linkPrincipal = (entryId: string): string => `${LINK}${entryId}`

/** Whether a principal uses a repair link. */
export const isLink = (principal: string): boolean => principal.startsWith(LINK)
