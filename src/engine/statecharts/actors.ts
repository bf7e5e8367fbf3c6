import type { AnyActorLogic, AnyStateMachine, InputFrom, OutputFrom } from 'xstate'
import type { Invocation } from './runner.ts'

type LogicOf<Machine extends AnyStateMachine> = NonNullable<Parameters<Machine['provide']>[0]['actors']>

type ActorOf<Logic, Owner> = Logic extends AnyActorLogic
  ? (
      owner: Owner,
      input: InputFrom<Logic>,
      invocation: Invocation,
    ) => OutputFrom<Logic> | Promise<OutputFrom<Logic>>
  : never

/**
 * The implementation of every actor that a machine names. `satisfies ActorsOf<…>` does not compile if one is missing, or
 * if its input or result does not fit. Each receives the object that runs the machine.
 */
export type ActorsOf<Machine extends AnyStateMachine, Owner> = {
  readonly [Src in keyof LogicOf<Machine>]-?: ActorOf<NonNullable<LogicOf<Machine>[Src]>, Owner>
}

/** Performs the work that a machine asks for with one of its actors. */
export async function performWith<Owner>(
  actors: object,
  owner: Owner,
  invocation: Invocation,
): Promise<unknown> {
  const { src, input } = invocation.work
  const actor = Reflect.get(actors, src) as (owner: Owner, input: unknown, invocation: Invocation) => unknown
  return actor(owner, input, invocation)
}

/** Returns a part of a machine's context that is set whenever this actor is invoked. @throws TypeError if it is not */
export function present<Value>(value: Value | null): Value {
  if (value === null) throw new TypeError('A machine invoked an actor without its input.')
  return value
}
