import { createActor, fromPromise, toPromise } from 'xstate'
import { Connection, type CreateEntryResult, configFlowMachine, Draft } from '../../machines/index.ts'

// XState runs the machine. You provide the actors, which do the work.
const machine = configFlowMachine.provide({
  actors: {
    checkConnection: fromPromise(async ({ input }) => {
      if (input.draft?.reveal().values.token !== 'right') return { type: 'failed', error: 'invalid_auth' }
      return { type: 'connected', uniqueId: 'me', connection: new Connection('an open client') }
    }),
    createEntry: fromPromise(async (): Promise<CreateEntryResult> => ({ type: 'created', entryId: 'e1' })),
  },
})
const flow = createActor(machine, { input: { flowId: 'flow-1', source: 'user', entryId: null } }).start()
flow.send({ type: 'submit', draft: new Draft({ values: { token: 'right' } }), values: {} })
console.log(await toPromise(flow))
