import type { View } from '../view.ts'
import type { Outcome } from './command.ts'
import { CancelledError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { menuName } from './given-values.ts'
import type { Host } from './open-host.ts'
import { errorLines } from './prompt-form.ts'
import { isSignIn, type SignInView } from './sign-in.ts'

/** What a flow comes to where nobody goes on with it. */
export async function outcomeOf({ scoped }: Host, view: View): Promise<Outcome> {
  switch (view.type) {
    case 'create_entry': {
      const { title, state, subentries } = await scoped.entries.get(view.entryId)
      const { subentry } = view
      if (subentry !== undefined) {
        const added = subentries.find(({ subentryId }) => subentryId === subentry.subentryId)
        const text = `${added?.title ?? 'It'} is added to ${title}. Its id is ${subentry.subentryId}.`
        return { exit: EXIT.done, document: view, text }
      }
      return {
        exit: EXIT.done,
        document: view,
        text: `${title} is linked (${state}). Its id is ${view.entryId}.`,
      }
    }
    case 'abort': {
      if (view.reason === 'cancelled') throw new CancelledError()
      // How one stands that does not run yet, its text says itself.
      const state = view.entryState === 'loaded' ? ' The entry is loaded.' : ''
      return { exit: view.success ? EXIT.done : EXIT.failed, document: view, text: `${view.text}${state}` }
    }
    case 'progress': {
      if (isSignIn(view)) return { exit: EXIT.needsPerson, document: view, text: waitingText(view) }
      const text = 'It is being worked on elsewhere. Look again in a moment.'
      return { exit: EXIT.failed, document: view, text }
    }
    case 'external':
      return { exit: EXIT.needsPerson, document: view, text: waitingText(view) }
    case 'menu': {
      const choices = view.options.map(({ value }) => value).join(', ')
      const text = `There are several ways on: ${choices}. Choose one with --set ${menuName(view)}=….`
      return { exit: EXIT.needsPerson, document: view, text }
    }
    case 'form': {
      const errors = errorLines(view)
      if (errors.length > 0) return { exit: EXIT.failed, document: view, text: errors.join('\n') }
      const text = `The service asks for ${view.order.join(', ')}. Somebody has to answer, in a terminal.`
      return { exit: EXIT.needsPerson, document: view, text }
    }
  }
}

/** What a sign-in waits for, and where somebody goes on with it. */
function waitingText(view: SignInView): string {
  const code = view.type === 'progress' && view.userCode !== undefined
  const what = code
    ? `Enter the code ${view.userCode} at ${view.verificationUriComplete ?? view.verificationUri}.`
    : 'The service wants somebody to sign in there.'
  const page = `#flow=${view.flowId}`
  return [
    ...errorLines(view),
    what,
    `Go on in a terminal, or in the page of latchkey serve, at ${page}.`,
  ].join('\n')
}
