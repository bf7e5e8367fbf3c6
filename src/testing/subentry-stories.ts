import { subentryFlowMachine } from '../../machines/index.ts'
import { type Story, toStory } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import { done, draft, entryFound, failures, hasErrors, plainEvents, results, throws } from './story-world.ts'

/** The flow of a sub-entry story. */
export type SubentryAbout = 'subentry added' | 'subentry changed'

/** Returns all paths of the sub-entry flow. */
export function subentryFlowStories(source: SubentryAbout): readonly Story<SubentryAbout>[] {
  const isNew = source === 'subentry added'
  const about = { type: 'room', subentryId: isNew ? null : 'room' }
  const subentry = { ...about, revision: isNew ? null : 1 }
  const { found, ...notFound } = entryFound
  const model: StoryModel = {
    machine: subentryFlowMachine,
    input: { flowId: 'story', source: 'subentry', entryId: 'entry', subentry: about },
    events: () => ({
      submit: { type: 'submit', draft, values: {} },
      reject: { type: 'reject', errors: { '/name': { code: 'too_small' } }, values: {} },
      ...plainEvents('cancel', 'expire', 'entryRemoved', 'entryDisabled'),
    }),
    outcomes: {
      findSubentry: {
        found: { output: { ...found.output, subentry } },
        ...notFound,
        ...results('full'),
      },
      checkSubentry: {
        named: { output: { type: 'named', named: { title: 'Hall', uniqueId: 'hall' } } },
        refused: { output: { type: 'refused', errors: { '/name': { code: 'invalid_value' } } } },
        ...failures,
        reauth_required: { output: { type: 'failed', error: 'reauth_required' } },
        entry_not_loaded: { output: { type: 'failed', error: 'entry_not_loaded' } },
        ...results('missing', 'disabled'),
        ...throws,
      },
      saveSubentry: {
        saved: { output: { type: 'saved', subentryId: 'room' } },
        ...results('unanswered', 'unchanged', 'outdated', 'missing', 'disabled', 'changed', 'taken'),
        ...results('full', 'ended'),
        ...throws,
      },
      findSaved: {
        saved: { output: { type: 'saved', subentryId: 'room' } },
        ...results('unsaved', 'ended'),
        ...throws,
      },
      reloadEntry: done,
    },
    sideEvents: ['reject', 'saveSubentry unanswered'],
    stateKey: ({ value, context }, before) => [
      hasErrors({ context }),
      context.reason,
      before !== undefined &&
        (value === 'checkingSubentry'
          ? hasErrors(before)
          : value === 'savingSubentry' && before.value === value),
    ],
  }
  return pathsOf(model).map((path) => toStory({ source, onAccountMismatch: 'abort' }, 'start', path))
}
