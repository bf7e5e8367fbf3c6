import type { Call } from './operation.ts'
import { HttpProblem, notFound } from './problem.ts'

/** The flow that a call names; a repair link reaches the repairs of its entry alone. */
export async function reachable({
  latchkey,
  access,
  params,
}: Call<{ flowId: string }, unknown, unknown, unknown>) {
  const view = await latchkey.flows.get(params.flowId)
  if ('repairs' in access && (view.entryId !== access.repairs || view.source !== 'reauth')) throw notFound()
  return view
}

/** Who may manage may move any flow; others only those that they reach, and that repair. */
export async function demandRight(call: Call<{ flowId: string }, unknown, unknown, unknown>): Promise<void> {
  const { rights } = call.access
  if (!rights.includes('manage') && (await reachable(call)).source !== 'reauth') demandManage(rights)
}

/** Repairing is asking for a credential again; anything else takes more. */
export function demandManage(rights: readonly string[]): void {
  if (!rights.includes('manage')) throw new HttpProblem(403, 'FORBIDDEN', 'This takes the right manage.')
}
