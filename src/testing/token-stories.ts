import { tokenMachine } from '../../machines/index.ts'
import { type Story, toStory } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import { draft, plainEvents, results, throws } from './story-world.ts'

/** Returns all paths of an entry's token from `fresh`. */
export function tokenStories(): readonly Story<'token'>[] {
  const failed = { output: { type: 'failed', error: 'cannot_connect', until: 1_000, wait: 1_000 } }
  const model: StoryModel = {
    machine: tokenMachine,
    input: { entryId: 'entry' },
    events: () => ({
      arrived: { type: 'arrived', draft },
      ...plainEvents('due', 'refused', 'replaced', 'retry'),
    }),
    outcomes: {
      claimLease: {
        ...results('claimed', 'held', 'current', 'rejected'),
        unsaved: { output: { type: 'unsaved', draft } },
        ...throws,
      },
      refreshToken: {
        refreshed: { output: { type: 'refreshed', draft } },
        refused: { output: { type: 'refused', until: 0, wait: 0 } },
        ...results('lapsed'),
        cannot_connect: failed,
        ...throws,
      },
      recordFailure: { ...results('recorded', 'overdue'), ...throws },
      readAgain: { ...results('changed', 'unchanged'), ...throws },
      saveToken: { ...results('saved', 'superseded'), ...throws },
    },
    stateKey: ({ context }) => [context.reason, context.draft !== null],
    sideEvents: ['refused'],
  }
  return pathsOf(model).map((path) => toStory({ source: 'token', onAccountMismatch: 'abort' }, null, path))
}
