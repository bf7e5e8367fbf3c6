import type { StartRequest } from '../engine/api/flows.ts'
import { FlowEndedError, StaleRevisionError, StoppedError } from '../errors.ts'
import type { JsonObject } from '../ports/json.ts'
import type { FormView, MenuView, View } from '../view.ts'
import { checkPresetValues } from './check-preset-values.ts'
import { type CommonOptions, isInteractive, type Outcome, type Terminal } from './command.ts'
import { CancelledError } from './errors.ts'
import { outcomeOf } from './flow-outcome.ts'
import { BY, type Host } from './open-host.ts'
import { listFieldOf, type PresetOptions, type PresetValues, readPresetValues } from './preset-values.ts'
import { promptForm, showStep } from './prompt-form.ts'
import { Screen } from './screen.ts'
import { isSignIn, type SignInView, signIn } from './sign-in.ts'

/** The options of commands that run a flow. */
export type FlowOptions = CommonOptions & PresetOptions & { readonly open?: boolean }

/** Runs a flow to its result. In a terminal it prompts for input; otherwise it submits only preset values. */
export async function runFlow(
  terminal: Terminal,
  options: FlowOptions,
  { host, request }: { readonly host: Host; readonly request: StartRequest },
): Promise<Outcome> {
  const preset = await readPresetValues(terminal, options)
  const interactive = isInteractive(terminal, options)
  const screen = interactive ? await Screen.open(terminal) : null
  const flow = new FlowRunner({ host, terminal, screen, opensBrowser: options.open !== false })
  const first = await host.scoped.flows.start(request, BY)
  try {
    if (needsInput(first)) checkPresetValues(host, preset, first)
    const view =
      screen === null
        ? await flow.submitPreset(first, preset)
        : await flow.runFollowUps(screen, await flow.prompt(screen, first, preset))
    // Cancels an abandoned form. Reauthentications stay open for the user, and so do pending sign-ins.
    if (needsInput(view)) await flow.abandon(view)
    if ('nextFlow' in view && view.nextFlow !== undefined) await flow.abandon(view.nextFlow)
    return outcomeOf(host, view)
  } catch (error) {
    await flow.abandon(first)
    throw error
  }
}

interface FlowRunnerOptions {
  readonly host: Host
  readonly terminal: Terminal
  /** `null` without a terminal. */
  readonly screen: Screen | null
  /** Whether to open a browser if one is needed. */
  readonly opensBrowser: boolean
}

class FlowRunner {
  readonly #host: Host
  readonly #terminal: Terminal
  readonly #screen: Screen | null
  readonly #opensBrowser: boolean

  constructor({ host, terminal, screen, opensBrowser }: FlowRunnerOptions) {
    this.#host = host
    this.#terminal = terminal
    this.#screen = screen
    this.#opensBrowser = opensBrowser
  }

  /** Submits the preset values to each form once. Stops at a form with errors or without values. */
  async submitPreset(first: View, preset: PresetValues): Promise<View> {
    let view = first
    for (const seen = new Set<string>(); needsInput(view) && !seen.has(stepKey(view)); ) {
      seen.add(stepKey(view))
      if (view.type === 'menu') {
        const choice = preset.choice(view)
        if (choice === undefined) return view
        view = await this.#submit(view, choice)
        continue
      }
      const values = preset.valuesFor(view)
      const all = { ...view.values, ...values }
      // Only a user can answer a challenge, or choose from a list that the service has just provided.
      const needed = view.step === 'challenge' ? values : listFieldOf(view) === null ? undefined : all
      if (needed !== undefined && view.schema.required.some((name) => !Object.hasOwn(needed, name)))
        return view
      view = await this.#submit(view, all)
    }
    // The first poll requests the code, so that the printed result contains it.
    const lacksCode = isSignIn(view) && view.type === 'progress' && view.userCode === undefined
    return lacksCode ? this.#host.scoped.flows.poll(view.flowId, BY) : view
  }

  /** Prompts until the flow ends. Preset values are used once for each step. */
  async prompt(screen: Screen, first: View, preset: PresetValues): Promise<View> {
    let view = first
    const seen = new Set<string>()
    while (needsInput(view) || isSignIn(view)) {
      showStep(screen, view)
      const isBack = await this.#wantsBack(screen, view, view === first)
      if (isBack) {
        view = await this.#host.scoped.flows.back(view.flowId, { revision: view.revision, ...BY })
        continue
      }
      if (view.type === 'form' && view.mayRetry === true && (await this.#wantsRetry(screen))) {
        const { flowId, revision } = view
        view = await screen.during('Loading …', () =>
          this.#host.scoped.flows.retry(flowId, { revision, ...BY }),
        )
        continue
      }
      if (isSignIn(view)) {
        const environment = {
          host: this.#host,
          terminal: this.#terminal,
          screen,
          opensBrowser: this.#opensBrowser,
        }
        view = await signIn(environment, view)
        continue
      }
      const answer: Answer | null = await promptForInput(
        screen,
        view,
        seen.has(stepKey(view)) ? null : preset,
      )
      if (answer === null) throw new CancelledError()
      seen.add(stepKey(view))
      const shown = view
      view = await screen.during('Connecting …', () => this.#submit(shown, answer))
    }
    return view
  }

  /**
   * Continues with the follow-up flows as long as the user confirms. Cancelling one keeps the results of the others.
   */
  async runFollowUps(screen: Screen, end: View): Promise<View> {
    let view = end
    while ('nextFlow' in view && view.nextFlow !== undefined) {
      const next = await this.#host.scoped.flows.get(view.nextFlow.flowId)
      const { text } = await outcomeOf(this.#host, view)
      if (
        !(needsInput(next) || isSignIn(next)) ||
        !(await screen.confirm(`${text} Continue with “${next.title}”?`, true))
      )
        return view
      try {
        view = await this.prompt(screen, next, NO_VALUES)
      } catch (error) {
        await this.abandon(next)
        if (error instanceof CancelledError) return view
        throw error
      }
    }
    return view
  }

  /** Asks whether to go back from a step that has errors, or in which the flow was found. */
  async #wantsBack(
    screen: Screen,
    { mayGoBack, errors }: FormView | MenuView | SignInView,
    isFirst: boolean,
  ): Promise<boolean> {
    if (!mayGoBack || (!isFirst && Object.keys(errors).length === 0)) return false
    const answer = await screen.confirm('Go back to the previous step?')
    if (answer === null) throw new CancelledError()
    return answer
  }

  /** Asks whether to load choices again that the service has not provided. */
  async #wantsRetry(screen: Screen): Promise<boolean> {
    const answer = await screen.confirm('Try to load the list again?', true)
    if (answer === null) throw new CancelledError()
    return answer
  }

  /** Cancels a flow. Reauthentications stay open, because the entry still needs attention. */
  async abandon({ flowId, source }: Pick<View, 'flowId' | 'source'>): Promise<void> {
    if (source === 'reauth') return
    await this.#host.scoped.flows.cancel(flowId, BY).catch(() => {})
  }

  /** Submits a form or a choice. */
  async #submit(view: FormView | MenuView, answer: Answer): Promise<View> {
    const { flows } = this.#host.scoped
    const { signal } = this.#terminal
    // Cancels the attempt. If the flow is saving already, its result is printed.
    const cancel = () => void (view.source === 'reauth' ? this.#host.latchkey.stop() : this.abandon(view))
    if (signal.aborted) throw new CancelledError()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const options = { revision: view.revision, ...BY }
      return await (typeof answer === 'string'
        ? flows.choose(view.flowId, answer, options)
        : flows.submit(view.flowId, answer, options))
    } catch (error) {
      if (error instanceof StoppedError) throw new CancelledError()
      if (!(error instanceof StaleRevisionError || error instanceof FlowEndedError)) throw error
      this.#screen?.info('The flow was changed by another client. This is its current step.')
      return flows.get(view.flowId)
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}

/** No values, for follow-up flows: the preset values are meant for the first flow. */
const NO_VALUES: PresetValues = { valuesFor: () => ({}), choice: () => undefined, check: () => {} }

/** The forms without fields, which only ask for a confirmation. */
const CONFIRMATIONS: ReadonlySet<string> = new Set(['repair_confirm', 'account_confirm'])

/** The input of a form, or the value of a menu option. */
type Answer = JsonObject | string

const needsInput = (view: View): view is FormView | MenuView => view.type === 'form' || view.type === 'menu'

const stepKey = (view: FormView | MenuView): string =>
  view.type === 'form' ? `${view.step} ${view.page ?? ''} ${view.challenge ?? ''}` : view.step

/** Prompts for the input that is not preset. Returns `null` if the user cancels. */
function promptForInput(
  screen: Screen,
  view: FormView | MenuView,
  preset: PresetValues | null,
): Promise<Answer | null> {
  if (view.type === 'form' && CONFIRMATIONS.has(view.step))
    return screen.confirm(view.description ?? view.title, true).then((yes) => (yes === true ? {} : null))
  if (view.type === 'form') return promptForm(screen, view, preset?.valuesFor(view) ?? {})
  const choice = preset?.choice(view)
  return choice === undefined ? screen.choose('Which one?', view.options) : Promise.resolve(choice)
}
