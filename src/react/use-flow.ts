'use client'
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import type { LatchkeyClient, View } from '../client/index.ts'
import { useSelected } from './client-state.ts'
import { useLatchkey } from './provider.ts'

/** A flow as a component sees it. */
export interface FlowControls {
  /** What the flow shows now; null while it is not known. */
  readonly view: View | null
  /** Why the last call failed, a {@link ProblemError} where the server refused it; null after one that did not. */
  readonly error: unknown
  /** Whether a call is on its way; another submit is not sent meanwhile. */
  readonly pending: boolean
  /** Submits the form that is shown. Resolves with what the flow shows then, or null where it failed or was not sent. */
  submit(input: object): Promise<View | null>
  /** Chooses in the menu that is shown. */
  choose(choice: string): Promise<View | null>
  /** Goes back to the step before this one. */
  back(): Promise<View | null>
  /** Begins the sign-in that is shown. Resolves with the address for this window to go to; null where it could not begin. */
  signIn(): Promise<string | null>
  /** Asks whether the code that is shown was entered elsewhere. */
  poll(): Promise<View | null>
  cancel(): Promise<View | null>
}

interface Attempt {
  readonly flowId: string | null
  readonly error: unknown
  /** How many calls are on their way: a cancel may overtake a submit. */
  readonly running: number
}

const none = (flowId: string | null): Attempt => ({
  flowId,
  error: null,
  running: 0,
})

/** How often a flow at work is asked for while no stream tells of it, in milliseconds. */
const POLL = 2_000

/** Follows a flow, and moves it; `null` follows none. */
export function useFlow(flowId: string | null): FlowControls {
  const client = useLatchkey()
  const known = useSelected((state) => (flowId === null ? undefined : state.flows.get(flowId)))
  const open = useSelected((state) => state.connection === 'open')
  const [last, setLast] = useState<View | undefined>()
  const [attempt, setAttempt] = useState(none(flowId))
  const moving = useRef(false)
  const cancelling = useRef(false)

  if (known !== undefined && known !== last) setLast(known)
  // A snapshot has open flows alone: what was shown stays until it is known how the flow ended.
  const view = known ?? (last?.flowId === flowId ? last : undefined)
  const missing = known === undefined
  const working = view?.type === 'progress' && !open

  useEffect(() => {
    if (flowId === null || !missing) return
    let left = false
    const told = (error: unknown): void => {
      if (!left)
        setAttempt((now) => ({
          ...(now.flowId === flowId ? now : none(flowId)),
          error,
        }))
    }
    client.flows.get(flowId).then(() => told(null), told)
    return () => {
      left = true
    }
  }, [client, flowId, missing, open])

  useEffect(() => {
    if (flowId === null || !working) return
    const timer = setInterval(() => void client.flows.get(flowId).catch(() => {}), POLL)
    return () => clearInterval(timer)
  }, [client, flowId, working])

  const run = useCallback(
    async (
      guard: RefObject<boolean>,
      call: (flows: LatchkeyClient['flows']) => Promise<View>,
    ): Promise<View | null> => {
      if (guard.current) return null
      guard.current = true
      const count = (by: number, error: unknown): void =>
        setAttempt((now) => {
          const { running } = now.flowId === flowId ? now : none(flowId)
          return { flowId, error, running: Math.max(0, running + by) }
        })
      count(1, null)
      try {
        const answer = await call(client.flows)
        count(-1, null)
        return answer
      } catch (error) {
        count(-1, error)
        return null
      } finally {
        guard.current = false
      }
    },
    [client, flowId],
  )

  const now = attempt.flowId === flowId ? attempt : none(flowId)
  return {
    view: view ?? null,
    error: now.error,
    pending: now.running > 0,
    submit: async (input) =>
      view?.type === 'form' ? run(moving, (flows) => flows.submit(view, input)) : null,
    choose: async (choice) =>
      view?.type === 'menu' ? run(moving, (flows) => flows.choose(view, choice)) : null,
    back: async () =>
      view !== undefined && 'mayGoBack' in view ? run(moving, (flows) => flows.back(view)) : null,
    signIn: async () => {
      if (view?.type !== 'external') return null
      const begun = await run(moving, (flows) => flows.authorize(view))
      const isBegun = begun?.type === 'external' && Object.keys(begun.errors).length === 0
      return isBegun ? client.flows.addressOf(begun.url) : null
    },
    poll: useCallback(
      async () => (flowId === null ? null : client.flows.poll(flowId).catch(() => null)),
      [client, flowId],
    ),
    cancel: async () => (flowId === null ? null : run(cancelling, (flows) => flows.cancel(flowId))),
  }
}
