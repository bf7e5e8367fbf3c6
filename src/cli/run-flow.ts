import type { StartRequest } from '../engine/api/flows.ts'
import { FlowEndedError, StaleRevisionError, StoppedError } from '../errors.ts'
import type { JsonObject } from '../ports/json.ts'
import type { FormView, MenuView, View } from '../view.ts'
import { checkGiven } from './check-given.ts'
import { type CommonOptions, isInteractive, type Outcome, type Terminal } from './command.ts'
import { CancelledError } from './errors.ts'
import { outcomeOf } from './flow-outcome.ts'
import { type Given, type GivingOptions, readGiven } from './given-values.ts'
import { BY, type Host } from './open-host.ts'
import { promptForm, showStep } from './prompt-form.ts'
import { Screen } from './screen.ts'
import { isSignIn, type SignInView, signIn } from './sign-in.ts'

/** What the commands take that run a flow. */
export type FlowOptions = CommonOptions & GivingOptions & { readonly open?: boolean }

/** Runs a flow to its end: asks a person where one is there, and submits what was given where none is. */
export async function runFlow(
  terminal: Terminal,
  options: FlowOptions,
  { host, request }: { readonly host: Host; readonly request: StartRequest },
): Promise<Outcome> {
  const given = await readGiven(terminal, options)
  const asks = isInteractive(terminal, options)
  const screen = asks ? await Screen.open(terminal) : null
  const flow = new FlowInTerminal({ host, terminal, screen, opens: options.open !== false })
  const first = await host.scoped.flows.start(request, BY)
  try {
    if (isAsking(first)) checkGiven(host, given, first)
    const view =
      screen === null
        ? await flow.submitGiven(first, given)
        : await flow.goOn(screen, await flow.converse(screen, first, given))
    // Nobody comes back to a form that a script has left behind; a reauthentication waits for whoever mends it, and a
    // sign-in for whoever signs in.
    if (isAsking(view)) await flow.leave(view)
    if ('nextFlow' in view && view.nextFlow !== undefined) await flow.leave(view.nextFlow)
    return outcomeOf(host, view)
  } catch (error) {
    await flow.leave(first)
    throw error
  }
}

interface FlowInTerminalOptions {
  readonly host: Host
  readonly terminal: Terminal
  /** Null where nobody is there. */
  readonly screen: Screen | null
  /** Whether a browser is opened where one is needed. */
  readonly opens: boolean
}

class FlowInTerminal {
  readonly #host: Host
  readonly #terminal: Terminal
  readonly #screen: Screen | null
  readonly #opens: boolean

  constructor({ host, terminal, screen, opens }: FlowInTerminalOptions) {
    this.#host = host
    this.#terminal = terminal
    this.#screen = screen
    this.#opens = opens
  }

  /** Submits once to each form. Where one comes back with errors, or asks for what was not given, that is the end. */
  async submitGiven(first: View, given: Given): Promise<View> {
    let view = first
    for (const seen = new Set<string>(); isAsking(view) && !seen.has(nameOf(view)); ) {
      seen.add(nameOf(view))
      if (view.type === 'menu') {
        const choice = given.choice(view)
        if (choice === undefined) return view
        view = await this.#move(view, choice)
        continue
      }
      const values = given.for(view)
      const unanswered = view.schema.required.some((name) => !Object.hasOwn(values, name))
      if (view.step === 'challenge' && unanswered) return view
      view = await this.#move(view, { ...view.values, ...values })
    }
    // The first question asks for the code: whoever reads the answer has something to enter.
    const isCodeless = isSignIn(view) && view.type === 'progress' && view.userCode === undefined
    return isCodeless ? this.#host.scoped.flows.poll(view.flowId, BY) : view
  }

  /** Asks until the flow ends. What was given is not asked for, unless the service refused it. */
  async converse(screen: Screen, first: View, given: Given): Promise<View> {
    let view = first
    const seen = new Set<string>()
    while (isAsking(view) || isSignIn(view)) {
      showStep(screen, view)
      const isBack = await this.#wantsBack(screen, view, view === first)
      if (isBack) {
        view = await this.#host.scoped.flows.back(view.flowId, { revision: view.revision, ...BY })
        continue
      }
      if (isSignIn(view)) {
        const place = { host: this.#host, terminal: this.#terminal, screen, opens: this.#opens }
        view = await signIn(place, view)
        continue
      }
      const answer: Answer | null = await answerTo(screen, view, seen.has(nameOf(view)) ? null : given)
      if (answer === null) throw new CancelledError()
      seen.add(nameOf(view))
      const shown = view
      view = await screen.during('Trying it …', () => this.#move(shown, answer))
    }
    return view
  }

  /** Goes on to what follows a flow that has ended, as long as a person wants to; whoever breaks that off keeps what is done. */
  async goOn(screen: Screen, end: View): Promise<View> {
    let view = end
    while ('nextFlow' in view && view.nextFlow !== undefined) {
      const next = await this.#host.scoped.flows.get(view.nextFlow.flowId)
      const { text } = await outcomeOf(this.#host, view)
      if (
        !(isAsking(next) || isSignIn(next)) ||
        !(await screen.confirm(`${text} Go on to “${next.title}”?`, true))
      )
        return view
      try {
        view = await this.converse(screen, next, NOTHING)
      } catch (error) {
        await this.leave(next)
        if (error instanceof CancelledError) return view
        throw error
      }
    }
    return view
  }

  /** Whether to leave a later step that is stuck: refused, or left over from another time. */
  async #wantsBack(
    screen: Screen,
    { mayGoBack, errors }: FormView | MenuView | SignInView,
    isLeftOver: boolean,
  ): Promise<boolean> {
    if (!mayGoBack || (!isLeftOver && Object.keys(errors).length === 0)) return false
    const answer = await screen.confirm('Go back to the form before this one?')
    if (answer === null) throw new CancelledError()
    return answer
  }

  /** Gives a flow up. A reauthentication stays open: who dismisses it has not mended the entry. */
  async leave({ flowId, source }: Pick<View, 'flowId' | 'source'>): Promise<void> {
    if (source === 'reauth') return
    await this.#host.scoped.flows.cancel(flowId, BY).catch(() => {})
  }

  /** Submits a form, or chooses in a menu. */
  async #move(view: FormView | MenuView, answer: Answer): Promise<View> {
    const { flows } = this.#host.scoped
    const { signal } = this.#terminal
    // Called off, a try is taken back; one that is saving by then is told as it ends.
    const callOff = () => void (view.source === 'reauth' ? this.#host.latchkey.stop() : this.leave(view))
    if (signal.aborted) throw new CancelledError()
    signal.addEventListener('abort', callOff, { once: true })
    try {
      const options = { revision: view.revision, ...BY }
      return await (typeof answer === 'string'
        ? flows.choose(view.flowId, answer, options)
        : flows.submit(view.flowId, answer, options))
    } catch (error) {
      if (error instanceof StoppedError) throw new CancelledError()
      if (!(error instanceof StaleRevisionError || error instanceof FlowEndedError)) throw error
      this.#screen?.info('Somebody else was quicker. This is how it stands now.')
      return flows.get(view.flowId)
    } finally {
      signal.removeEventListener('abort', callOff)
    }
  }
}

/** Nothing was given: what was, was meant for another flow. */
const NOTHING: Given = { for: () => ({}), choice: () => undefined, check: () => {} }

/** What a form or a menu takes: fields, or the value of an option. */
type Answer = JsonObject | string

const isAsking = (view: View): view is FormView | MenuView => view.type === 'form' || view.type === 'menu'

const nameOf = ({ step, page = '', ...view }: FormView | MenuView): string =>
  `${step} ${page} ${view.type === 'form' ? (view.challenge ?? '') : ''}`

/** Asks a person for what was not given; null where they would rather not. */
function answerTo(screen: Screen, view: FormView | MenuView, given: Given | null): Promise<Answer | null> {
  if (view.type === 'form') return promptForm(screen, view, given?.for(view) ?? {})
  const choice = given?.choice(view)
  return choice === undefined ? screen.choose('Which one?', view.options) : Promise.resolve(choice)
}
