/** The slots of flows: only one open flow of a domain can hold each. Slots of different kinds never collide. */
export const slots = {
  /** A discovered account or device, by its identity. */
  account: (uniqueId: string): string => `account:${uniqueId}`,
  /** The options of an entry. */
  options: (entryId: string): string => `options:${entryId}`,
  /** A sub-entry. */
  subentry: (entryId: string, subentryId: string): string => `subentry:${entryId}:${subentryId}`,
} as const
