const MAX_UNIQUE_ID = 512

/** Whether every store can save and compare the unique id: not empty, well-formed, without NUL. */
export const isUniqueId = (id: unknown): id is string =>
  typeof id === 'string' && id !== '' && id.length <= MAX_UNIQUE_ID && id.isWellFormed() && !id.includes('\0')
