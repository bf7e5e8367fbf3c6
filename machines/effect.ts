import { fromPromise, type PromiseActorLogic } from 'xstate'

/**
 * Declares work that a machine requests by name. The runner of the machine provides the actor with
 * `machine.provide({ actors })`. Without it, the work fails and the machine takes its `onError`.
 */
export function effect<Output, Input>(name: string): PromiseActorLogic<Output, Input> {
  return fromPromise<Output, Input>(async () => {
    throw new Error(`The actor ${name} was not provided.`)
  })
}
