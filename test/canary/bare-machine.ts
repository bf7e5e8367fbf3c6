import { createActor, fromPromise, waitFor } from 'xstate'
import {
  type CheckResult,
  Connection,
  type CreateEntryResult,
  configFlowMachine,
  Draft,
} from '../../machines/index.ts'
import { canaries } from './canaries.ts'
import { plain } from './canary-service.ts'

/** Everything that an inspector receives of a bare machine with secrets, and its snapshots. */
export async function inspectBareMachine(): Promise<unknown[]> {
  const seen: unknown[] = []
  const connection = new Connection({ token: canaries.password })
  const machine = configFlowMachine.provide({
    actors: {
      checkConnection: fromPromise(
        async (): Promise<CheckResult> => ({ type: 'connected', uniqueId: 'id', connection }),
      ),
      createEntry: fromPromise(
        async (): Promise<CreateEntryResult> => ({ type: 'created', entryId: 'entry' }),
      ),
    },
  })
  const input = { flowId: 'flow', source: 'user', entryId: null } as const
  const actor = createActor(machine, { input, inspect: (event) => seen.push(event) })
  actor.subscribe((snapshot) => seen.push(snapshot, actor.getPersistedSnapshot()))
  actor.start()
  const draft = new Draft({ values: { password: canaries.password, apikey: canaries.apikey } })
  actor.send({ type: 'submit', draft, values: { host: plain.host } })
  await waitFor(actor, ({ status }) => status === 'done')
  return seen
}
