/** The categories of integrations, in the order of a list. An integration without a category is in the last one. */
export const CATEGORIES = [
  'home',
  'calendar',
  'messaging',
  'files',
  'developer',
  'media',
  'finance',
  'other',
] as const

/** A group of services, for a list of integrations. */
export type IntegrationCategory = (typeof CATEGORIES)[number]
