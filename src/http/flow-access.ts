import type { Call } from './operation.ts'
import { HttpProblem, notFound } from './problem.ts'

/** Returns the flow of a call. A repair link can access only reauthentications of its entry, and only their results after the repair. */
export async function accessibleFlow({
  latchkey,
  access,
  params,
}: Call<{ flowId: string }, unknown, unknown, unknown>) {
  const view = await latchkey.flows.get(params.flowId)
  if (!('repairs' in access)) return view
  const isOwn = view.entryId === access.repairs && view.source === 'reauth'
  // After the repair, a reauthentication that is open belongs to another user.
  if (!isOwn || (access.isRepaired && view.type !== 'abort')) throw notFound()
  return view
}

/** Requires `manage`, unless the flow is a reauthentication that the caller can access. */
export async function requireRight(call: Call<{ flowId: string }, unknown, unknown, unknown>): Promise<void> {
  const { rights } = call.access
  if (!rights.includes('manage') && (await accessibleFlow(call)).source !== 'reauth') requireManage(rights)
}

/** Requires the right `manage`. Reauthentications need only `repair`. */
export function requireManage(rights: readonly string[]): void {
  if (!rights.includes('manage')) throw new HttpProblem(403, 'FORBIDDEN', 'This requires the right "manage".')
}
