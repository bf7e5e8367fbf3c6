/** Who acts where the host names nobody. */
export const HOST = 'host'

/** Who acts where no person does. */
export const ENGINE = 'latchkey'
