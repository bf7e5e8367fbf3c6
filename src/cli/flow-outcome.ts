import type { View } from '../view.ts'
import type { Outcome } from './command.ts'
import { CancelledError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import type { Host } from './open-host.ts'
import { listFieldOf } from './preset-values.ts'
import { choicesOf, errorLines } from './prompt-form.ts'
import { isSignIn, type SignInView } from './sign-in.ts'

/** Returns the result of a command that ran a flow up to this view. */
export async function outcomeOf({ scoped }: Host, view: View): Promise<Outcome> {
  switch (view.type) {
    case 'create_entry': {
      const { title, state, subentries } = await scoped.entries.get(view.entryId)
      const { subentry } = view
      if (subentry !== undefined) {
        const added = subentries.find(({ subentryId }) => subentryId === subentry.subentryId)
        const text = `${added?.title ?? 'It'} was added to ${title}. Its id is ${subentry.subentryId}.`
        return { exit: EXIT.done, document: view, text }
      }
      return {
        exit: EXIT.done,
        document: view,
        text: `${title} was linked (${state}). Its id is ${view.entryId}.`,
      }
    }
    case 'abort': {
      if (view.reason === 'cancelled') throw new CancelledError()
      // The text of the view already mentions an entry that is not loaded.
      const after = view.entryState === 'loaded' ? 'The entry is loaded.' : view.advice
      const text = after === undefined ? view.text : `${view.text} ${after}`
      return { exit: view.success ? EXIT.done : EXIT.failed, document: view, text }
    }
    case 'progress': {
      if (isSignIn(view)) return { exit: EXIT.needsUser, document: view, text: waitingText(view) }
      const text = 'The flow is still working in another process. Try again in a moment.'
      return { exit: EXIT.failed, document: view, text }
    }
    case 'external':
      return { exit: EXIT.needsUser, document: view, text: waitingText(view) }
    case 'menu': {
      const choices = view.options.map(({ value }) => value).join(', ')
      const text = `A choice is needed: ${choices}. Pass one with --set ${view.step}=….`
      return { exit: EXIT.needsUser, document: view, text }
    }
    case 'form': {
      const errors = errorLines(view)
      if (errors.length > 0) return { exit: EXIT.failed, document: view, text: errors.join('\n') }
      const field = listFieldOf(view)
      const choices = choicesOf(view.schema.properties[field ?? ''] ?? {}) ?? []
      if (field !== null && choices.length > 0) {
        const values = choices.map(({ value }) => String(value)).join(', ')
        const text = `A choice is needed: ${values}. Pass one with --set ${field}=….`
        return { exit: EXIT.needsUser, document: view, text }
      }
      const text = `The service asks for ${view.order.join(', ')}. Run the command in a terminal to answer.`
      return { exit: EXIT.needsUser, document: view, text }
    }
  }
}

/** Describes a pending sign-in, and where to continue it. */
function waitingText(view: SignInView): string {
  const code = view.type === 'progress' && view.userCode !== undefined
  const what = code
    ? `Enter the code ${view.userCode} at ${view.verificationUriComplete ?? view.verificationUri}.`
    : 'The service requires a sign-in in the browser.'
  const page = `#flow=${view.flowId}`
  return [
    ...errorLines(view),
    what,
    `Continue in a terminal, or in the page of latchkey serve at ${page}.`,
  ].join('\n')
}
