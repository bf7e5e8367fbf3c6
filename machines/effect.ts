import { fromPromise, type PromiseActorLogic } from 'xstate'

/**
 * Names work that a machine cannot do itself. Whoever runs the machine gives the real actor with
 * `machine.provide({ actors })`; without it the work fails, and the machine takes its `onError`.
 */
export function effect<Output, Input>(name: string): PromiseActorLogic<Output, Input> {
  return fromPromise<Output, Input>(async () => {
    throw new Error(`The actor ${name} was not provided.`)
  })
}
