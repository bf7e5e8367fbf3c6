import type { View } from '../view.ts'
import type { IntegrationPlayer } from './integration-player.ts'

type CreateEntryView = Extract<View, { type: 'create_entry' }>

/** Expects the result of a flow that created an entry. @throws AssertionError with the step and its content */
export function expectNew(player: IntegrationPlayer, view: View): CreateEntryView {
  if (view.type === 'create_entry') return view
  return player.fail(view, `good values must create an entry: ${describeView(view)}`)
}

/** Expects a result with a reason. @throws AssertionError with the step and its content */
export function expectEnd(player: IntegrationPlayer, view: View, reason: string): void {
  if (view.type === 'abort' && view.reason === reason) return
  player.fail(view, `the flow must end with ${reason}: ${describeView(view)}`)
}

/** Expects a step with an error. @throws AssertionError with the step, its content, and the fix */
export function expectError(player: IntegrationPlayer, view: View, code: string, fix: string): void {
  const codes = 'errors' in view ? Object.values(view.errors).map((error) => error.code) : []
  if (codes.includes(code)) return
  player.fail(view, `it must show ${code}: ${describeView(view)}; connect must ${fix}`)
}

/**
 * Expects that another account was rejected, by an error or by the result. @throws AssertionError with the step and its
 * content
 */
export function expectRefusal(player: IntegrationPlayer, view: View): void {
  if (player.watched.integration.onAccountMismatch === 'retry')
    expectError(player, view, 'wrong_account', 'return the unique id of the account')
  else expectEnd(player, view, 'wrong_account')
}

function describeView(view: View): string {
  if (view.type === 'create_entry') return 'it created an entry'
  if (view.type === 'abort') return `it ended with ${view.reason}`
  const errors = 'errors' in view ? Object.entries(view.errors) : []
  return `it shows ${errors.map(([place, { code }]) => `${code} at ${place}`).join(', ') || 'no error'}`
}
