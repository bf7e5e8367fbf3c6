import type { View } from '../view.ts'
import type { IntegrationPlayer } from './integration-player.ts'

type CreateEntryView = Extract<View, { type: 'create_entry' }>

/** The end of a flow that made an entry. @throws AssertionError naming the step, and what it shows instead */
export function expectNew(player: IntegrationPlayer, view: View): CreateEntryView {
  if (view.type === 'create_entry') return view
  return player.fail(view, `good values make no entry: ${told(view)}`)
}

/** An end with a reason. @throws AssertionError naming the step, and what it shows instead */
export function expectEnd(player: IntegrationPlayer, view: View, reason: string): void {
  if (view.type === 'abort' && view.reason === reason) return
  player.fail(view, `the flow is to end with ${reason}: ${told(view)}`)
}

/** A form with an error. @throws AssertionError naming the step, what it shows instead, and the way out */
export function expectError(player: IntegrationPlayer, view: View, code: string, wayOut: string): void {
  const codes = 'errors' in view ? Object.values(view.errors).map((error) => error.code) : []
  if (codes.includes(code)) return
  player.fail(view, `it is to show ${code}: ${told(view)}; let connect ${wayOut}`)
}

/** Another account, as the integration means it: the end, or an error. @throws AssertionError where neither */
export function expectRefusal(player: IntegrationPlayer, view: View): void {
  if (player.watched.integration.onAccountMismatch === 'retry')
    expectError(player, view, 'wrong_account', 'report the identity of the account as uniqueId')
  else expectEnd(player, view, 'wrong_account')
}

function told(view: View): string {
  if (view.type === 'create_entry') return 'it made an entry'
  if (view.type === 'abort') return `it ended with ${view.reason}`
  const errors = 'errors' in view ? Object.entries(view.errors) : []
  return `it shows ${errors.map(([place, { code }]) => `${code} at ${place}`).join(', ') || 'no error'}`
}
