import { REMOVAL_LIFETIME } from '../../machines/entry-removal-setup.ts'
import { entryRemovalMachine } from '../../machines/index.ts'
import { type Story, toStory } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import { results, throws } from './story-world.ts'

/** The number of attempts of a story. A later attempt differs from these only by its wait. */
const ATTEMPTS = 2

/** Longer than any wait between two attempts, and than the time of a lost attempt. */
const LATER = 7_200_000

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
      informService: {
        ...results('informed', 'refused'),
        failed: { output: { type: 'failed', now: 0, random: 0, until: null, isTold: false } },
        ...throws,
      },
    },
    stateKey: ({ context: { attempts, isShared } }) => [attempts, isShared],
  }
  const about = { source: 'removal', onAccountMismatch: 'abort' } as const
  return pathsOf(model).map((path) => toStory(about, null, path))
}
