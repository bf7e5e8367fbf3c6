/** Does nothing. */
export const ignore = (): void => {}
