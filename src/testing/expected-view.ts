import type { AnyIntegration } from '../authoring/integration.ts'
import type { View } from '../view.ts'
import type { IntegrationPlayer } from './integration-player.ts'

type CreateEntryView = Extract<View, { type: 'create_entry' }>

/** The mistakes of a unique id. */
export const CHANGES_ID =
  'connect returned another uniqueId for the same account. Return an id that never changes, not an address or a name'
export const SHARES_ID =
  'connect returned the same uniqueId for two accounts. Return an id of the account to which the credential belongs'

/** Expects the result of a flow that created an entry. @throws AssertionError with the step and its content */
export function expectNew(player: IntegrationPlayer, view: View): CreateEntryView {
  if (view.type === 'create_entry') return view
  const isOwn = codesOf(view).includes('cannot_connect') && player.network.requests.length === 0
  const hint = isOwn
    ? '; no request was sent with the `fetch` of the context, which follows `hosts` and the policy of the host'
    : ''
  return player.fail(view, `good values must create an entry: ${describeView(player, view)}${hint}`)
}

/**
 * Expects a result with a reason. @throws AssertionError with the step, its content, and the mistake. The latter defaults
 * to that of a unique id which changes
 */
export function expectEnd(player: IntegrationPlayer, view: View, reason: string, mistake?: string): void {
  if (view.type === 'abort' && view.reason === reason) return
  const isAnother = view.type === 'create_entry' ? reason === 'already_configured' : isWrongAccount(view)
  const likely = mistake ?? (isAnother ? CHANGES_ID : undefined)
  player.fail(
    view,
    `the flow must end with ${reason}: ${describeView(player, view)}${likely === undefined ? '' : `; ${likely}`}`,
  )
}

/** Expects a step with an error. @throws AssertionError with the step, its content, and the fix */
export function expectError(player: IntegrationPlayer, view: View, code: string, fix: string): void {
  const codes = codesOf(view)
  if (codes.includes(code)) return
  const must = codes.includes('timeout')
    ? 'end: pass `signal` to its requests, and do not repeat them, because Latchkey does'
    : fix
  player.fail(
    view,
    `it must show ${code}: ${describeView(player, view)}; ${callsOf(player.watched.integration)} must ${must}`,
  )
}

/**
 * Expects that another account was rejected, by an error or by the result. @throws AssertionError with the step and its
 * content
 */
export function expectRefusal(player: IntegrationPlayer, view: View): void {
  if (view.type !== 'abort' && player.watched.integration.onAccountMismatch === 'retry')
    expectError(player, view, 'wrong_account', 'return the unique id of the account')
  else {
    const isTaken = view.type === 'abort' && view.reason.endsWith('_successful')
    expectEnd(player, view, 'wrong_account', isTaken ? SHARES_ID : undefined)
  }
}

/** The codes of the errors that a view shows. */
export const codesOf = (view: View): readonly string[] =>
  'errors' in view ? Object.values(view.errors).map(({ code }) => code) : []

/** The functions of an integration that receive a new credential. */
export function callsOf({ exchange, choices, methods = {} }: AnyIntegration): string {
  const forms = [{ exchange, choices }, ...Object.values(methods)]
  const calls = [
    'connect',
    ...(forms.some((form) => form.exchange !== undefined) ? ['exchange'] : []),
    ...(forms.some((form) => form.choices !== undefined) ? ['choices'] : []),
  ]
  return calls.join(' or ')
}

const isWrongAccount = (view: View): boolean =>
  (view.type === 'abort' && view.reason === 'wrong_account') || codesOf(view).includes('wrong_account')

/** The codes of errors that the log explains. */
const LOGGED: ReadonlySet<string> = new Set(['unknown', 'setup_error'])

/** Returns the content of a view, and the logged error of a failure. */
export function describeView(player: IntegrationPlayer, view: View): string {
  if (view.type === 'create_entry') return 'it created an entry'
  const codes = view.type === 'abort' ? [view.reason] : codesOf(view)
  const logged = codes.some((code) => LOGGED.has(code)) ? player.loggedError() : ''
  if (view.type === 'abort') return `it ended with ${view.reason}${logged}`
  const errors = 'errors' in view ? Object.entries(view.errors) : []
  const shown = errors.map(([place, { code }]) => `${code} at ${place}`).join(', ') || 'no error'
  return `it shows ${shown}${logged}`
}
