/** What only one open flow of a domain may hold at a time. Names of different kinds are never the same. */
export const held = {
  /** An account or a device that was found, by its identity. */
  account: (uniqueId: string): string => `account:${uniqueId}`,
  /** The options of an entry. */
  options: (entryId: string): string => `options:${entryId}`,
  /** What is under an entry. */
  subentry: (entryId: string, subentryId: string): string => `subentry:${entryId}:${subentryId}`,
} as const
