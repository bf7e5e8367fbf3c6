import type { View } from '../../src/index.ts'
import type { Story, StoryRest } from '../../src/testing/index.ts'

/** The reason why a story cannot be played through the public API, or null. */
export function unplayable({ steps }: Pick<Story, 'steps'>): string | null {
  const turns = steps.flatMap(({ brings }) => brings)
  if (steps[0]?.brings.some(({ work }) => work === null)) {
    return 'a flow has no id before it has found its entry'
  }
  if (turns.some(({ work, comes }) => work === 'checkConnection' && comes === 'throws')) {
    return 'the engine turns every result of connect into a value'
  }
  if (turns.some(({ work, comes }) => work === 'reloadEntry' && comes === 'throws')) {
    return 'the entry has a state for every reload that fails'
  }
  return null
}

/** The visible parts of a view, and the expected ones. */
export const seen = (view: View) =>
  view.type === 'form' || view.type === 'menu'
    ? {
        state: `asking.${view.step}`,
        errors: Object.fromEntries(Object.entries(view.errors).map(([pointer, { code }]) => [pointer, code])),
        challenge: ('challenge' in view && view.challenge) || null,
        reason: null,
      }
    : {
        state: view.type,
        errors: {},
        challenge: null,
        reason: view.type === 'abort' ? view.reason : null,
      }

/** The view that a story expects. */
export const told = ({ state, errors, challenge, reason }: StoryRest) =>
  state.startsWith('asking.')
    ? { state, errors, challenge, reason }
    : { state, errors: {}, challenge: null, reason }

/** Whether the service refuses the credential of the entry when a story begins. */
export function needsPerson({ source, steps }: Story): boolean {
  const does = steps.map((step) => step.does)
  if (does.includes('entryRepaired')) return true
  // A flow that the entry needs does not expire.
  return source === 'reauth' && steps[0]?.brings[0]?.comes === 'found' && !does.includes('expire')
}
