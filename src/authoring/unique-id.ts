const MAX_UNIQUE_ID = 512

/** Whether every store can keep and compare a text as an identity: not empty, no NUL, no half of a character. */
export const isUniqueId = (id: unknown): id is string =>
  typeof id === 'string' && id !== '' && id.length <= MAX_UNIQUE_ID && id.isWellFormed() && !id.includes('\0')
