/** The default principal of a call. */
export const HOST = 'host'

/** The principal of changes that Latchkey makes by itself. */
export const ENGINE = 'latchkey'
