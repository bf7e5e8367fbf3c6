import { REMOVAL_LIFETIME } from '../../machines/entry-removal-setup.ts'
import { entryRemovalMachine } from '../../machines/index.ts'
import { type Story, toStory } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import { results, throws } from './story-world.ts'

/** The number of attempts of a story. A later attempt differs from these only by its wait. */
const ATTEMPTS = 2

/** Longer than any wait between two attempts, and than the time of a lost attempt. */
const LATER = 7_200_000

/** The results of a call of the integration. */
const called = {
  ...results('done', 'refused'),
  failed: { output: { type: 'failed', now: 0, random: 0, until: null } },
  ...throws,
}

/** Returns all paths of a removal. An event during the work of an attempt means that its process has ended. */
export function removalStories(): readonly Story<'removal'>[] {
  const model: StoryModel = {
    machine: entryRemovalMachine,
    input: { at: 0, isTold: false },
    events: ({ context: { attempts } }) => ({
      ...(attempts < ATTEMPTS && { due: { type: 'due', now: (attempts + 1) * LATER } }),
      over: { type: 'due', now: REMOVAL_LIFETIME },
    }),
    outcomes: {
      findOwner: { ...results('free', 'linked', 'shared'), ...throws },
      informService: called,
      revokeGrant: called,
    },
    stateKey: ({ context: { attempts, isShared, isTold, isRefused } }) => [
      attempts,
      isShared,
      isTold,
      isRefused,
    ],
  }
  const about = { source: 'removal', onAccountMismatch: 'abort' } as const
  return pathsOf(model).map((path) => toStory(about, null, path))
}
