import type { StartRequest } from '../engine/flow-start.ts'
import { FlowEndedError, StaleRevisionError, StoppedError } from '../errors.ts'
import type { JsonObject } from '../ports/json.ts'
import type { FormView, MenuView, View } from '../view.ts'
import { type CommonOptions, isInteractive, type Outcome, type Terminal } from './command.ts'
import { CancelledError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { type Given, type GivingOptions, menuName, readGiven } from './given-values.ts'
import { BY, type Host } from './open-host.ts'
import { errorLines, promptForm, showStep } from './prompt-form.ts'
import { Screen } from './screen.ts'

/** What the commands take that run a flow. */
export type FlowOptions = CommonOptions & GivingOptions

/** Runs a flow to its end: asks a person where one is there, and submits what was given where none is. */
export async function runFlow(
  terminal: Terminal,
  options: FlowOptions,
  { host, request }: { readonly host: Host; readonly request: StartRequest },
): Promise<Outcome> {
  const given = await readGiven(terminal, options)
  const asks = isInteractive(terminal, options)
  const screen = asks ? await Screen.open(terminal) : null
  const flow = new FlowInTerminal(host, terminal, screen)
  const first = await host.scoped.flows.start(request, BY)
  try {
    if (isAsking(first)) checkGiven(host, given, first)
    const view =
      screen === null
        ? await flow.submitGiven(first, given)
        : await flow.goOn(screen, await flow.converse(screen, first, given))
    // Nobody comes back to a form that a script has left behind; a reauthentication waits for whoever mends it.
    if ('mayGoBack' in view) await flow.leave(view)
    if ('nextFlow' in view && view.nextFlow !== undefined) await flow.leave(view.nextFlow)
    return outcomeOf(host, view)
  } catch (error) {
    await flow.leave(first)
    throw error
  }
}

/** Whether what was given belongs to a step of the flow: the one that it shows, or one that may follow. */
function checkGiven({ config }: Host, given: Given, view: FormView | MenuView): void {
  const integration = config.integrations.find(({ domain }) => domain === view.domain)
  const { challenges = {}, methods = {}, pages = {}, fields } = integration ?? {}
  const later = Object.values(challenges).flatMap((challenge) => Object.keys(challenge.shape))
  const isWhole = view.type === 'form' && view.page === undefined
  const ways = Object.values(methods).concat(fields === undefined ? [] : [{ title: '', pages, fields }])
  const fieldsOfWays = ways.flatMap((way) => [
    ...Object.keys(way.fields?.shape ?? {}),
    ...Object.keys(way.pages ?? {}),
  ])
  const shown = isWhole ? view.order : fieldsOfWays
  const menus = [
    ...(isWhole ? [] : ['pick_method']),
    ...(view.source === 'replace' ? ['replace_confirm'] : []),
  ]
  given.check(new Set([...shown, ...later, ...menus]), shown)
}

class FlowInTerminal {
  readonly #host: Host
  readonly #terminal: Terminal
  readonly #screen: Screen | null

  constructor(host: Host, terminal: Terminal, screen: Screen | null) {
    this.#host = host
    this.#terminal = terminal
    this.#screen = screen
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
    return view
  }

  /** Asks until the flow ends. What was given is not asked for, unless the service refused it. */
  async converse(screen: Screen, first: View, given: Given): Promise<View> {
    let view = first
    const seen = new Set<string>()
    while (isAsking(view)) {
      showStep(screen, view)
      const isBack = await this.#wantsBack(screen, view, view === first)
      if (isBack) {
        view = await this.#host.scoped.flows.back(view.flowId, { revision: view.revision, ...BY })
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
      if (!isAsking(next) || !(await screen.confirm(`${text} Go on to “${next.title}”?`, true))) return view
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
    { mayGoBack, errors }: FormView | MenuView,
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

async function outcomeOf({ scoped }: Host, view: View): Promise<Outcome> {
  switch (view.type) {
    case 'create_entry': {
      const { title, state } = await scoped.entries.get(view.entryId)
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
    case 'progress':
      return {
        exit: EXIT.failed,
        document: view,
        text: 'It is being worked on elsewhere. Look again in a moment.',
      }
    case 'external': {
      const text = `The service wants somebody to sign in there. Go on in a browser, with the page of this host.`
      return { exit: EXIT.needsPerson, document: view, text }
    }
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
