import type { configEntryMachine } from '../../machines/config-entry.ts'
import type { tokenMachine } from '../../machines/token.ts'
import type { ActorsOf } from '../../src/engine/statecharts/actors.ts'

const actors = {
  claimLease: async () => ({ type: 'claimed' }),
  // The input of each actor follows from the machine.
  refreshToken: (_, { entryId, tries }) => {
    entryId satisfies string
    tries satisfies number
    return { type: 'refused', until: 0, wait: 0 }
  },
  recordFailure: () => ({ type: 'recorded' }),
  readAgain: () => ({ type: 'changed' }),
  saveToken: async () => ({ type: 'saved' }),
} satisfies ActorsOf<typeof tokenMachine, null>

const { saveToken: _, ...missing } = actors
// @ts-expect-error: an actor is missing
missing satisfies ActorsOf<typeof tokenMachine, null>

const wrong = { ...actors, readAgain: () => ({ type: 'saved' }) as const }
// @ts-expect-error: the result of an actor does not fit
wrong satisfies ActorsOf<typeof tokenMachine, null>

// @ts-expect-error: these are the actors of another machine
actors satisfies ActorsOf<typeof configEntryMachine, null>
