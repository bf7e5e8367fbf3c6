import { tokenMachine } from '../../machines/index.ts'
import { type Story, tell } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import { draft, named, results, throws } from './story-world.ts'

/** Every path of an entry's token, from where it is fresh. */
export function tokenStories(): readonly Story<'token'>[] {
  const failed = { output: { type: 'failed', error: 'cannot_connect', wait: 1_000 } }
  const model: StoryModel = {
    machine: tokenMachine,
    input: { entryId: 'entry' },
    events: () => ({
      arrived: { type: 'arrived', draft },
      ...named('due', 'refused', 'replaced', 'retry'),
    }),
    outcomes: {
      claimLease: {
        ...results('claimed', 'held', 'current', 'rejected'),
        unsaved: { output: { type: 'unsaved', draft } },
        ...throws,
      },
      refreshToken: {
        refreshed: { output: { type: 'refreshed', draft } },
        ...results('refused', 'lapsed'),
        cannot_connect: failed,
        ...throws,
      },
      readAgain: { ...results('changed', 'unchanged'), ...throws },
      saveToken: { ...results('saved', 'superseded'), ...throws },
    },
    sameness: ({ context }) => [context.reason, context.draft !== null],
    beside: ['refused'],
  }
  return pathsOf(model).map((path) => tell({ source: 'token', onAccountMismatch: 'abort' }, null, path))
}
