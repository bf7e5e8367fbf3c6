import { fromPromise, type PromiseActorLogic } from 'xstate'

/**
 * Declares work that a machine requests by name. The runner of the machine provides the actor with
 * `machine.provide({ actors })`. Without it, the work fails, the machine takes its `onError`, and the logger of the actor
 * system names the missing actor.
 */
export function effect<Output, Input>(name: string): PromiseActorLogic<Output, Input> {
  return fromPromise<Output, Input>(async ({ system }) => {
    const message = `The actor ${name} was not provided. Provide it with machine.provide({ actors }).`
    system._logger(message)
    throw new Error(message)
  })
}
