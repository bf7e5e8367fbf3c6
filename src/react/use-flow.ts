'use client'
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { type LatchkeyClient, ProblemError, type View } from '../client/index.ts'
import { useSelected } from './client-state.ts'
import { useLatchkey } from './provider.ts'
import { mustWatch, watchWork } from './watch-work.ts'

/** A flow, and the calls that a component can make. */
export interface FlowControls {
  /** The current view, or null until it is known. */
  readonly view: View | null
  /** The error of the last call, a {@link ProblemError} if the server refused it. Null after a success. */
  readonly error: unknown
  /** Whether a call is running. Other submits are not sent until it ends. */
  readonly pending: boolean
  /** Submits the current form. Resolves with the next view, or with null if the call failed or was not sent. */
  submit(input: object): Promise<View | null>
  /** Loads the choices of the current form again if its view has `mayRetry`. */
  retry(): Promise<View | null>
  /** Chooses an option of the current menu, or the choice of a form with one field. */
  choose(choice: string): Promise<View | null>
  /** Returns to the previous step. */
  back(): Promise<View | null>
  /** Starts the current sign-in. Resolves with the URL to open in this window, or with null if the call failed. */
  signIn(): Promise<string | null>
  /** Polls whether the user has entered the code on another device. */
  poll(): Promise<View | null>
  cancel(): Promise<View | null>
}

interface Attempt {
  readonly flowId: string | null
  readonly error: unknown
  /** The number of running calls: a cancel may overtake a submit. */
  readonly running: number
}

const none = (flowId: string | null): Attempt => ({
  flowId,
  error: null,
  running: 0,
})

/** Whether a call failed because the server does not respond. */
const isSilent = (error: unknown): boolean => error !== null && !(error instanceof ProblemError)

/**
 * Subscribes to a flow. `null` subscribes to none.
 *
 * @example
 * ```tsx
 * import { useFlow } from 'latchkey/react'
 *
 * export function TokenForm({ flowId }: { flowId: string }) {
 *   const { view, submit, pending } = useFlow(flowId)
 *   if (view?.type !== 'form') return null
 *   const send = (data: FormData) => void submit(Object.fromEntries(data))
 *   return (
 *     <form action={send}>
 *       <input name="apiToken" type="password" />
 *       <button disabled={pending}>{view.submit}</button>
 *     </form>
 *   )
 * }
 * ```
 */
export function useFlow(flowId: string | null): FlowControls {
  const client = useLatchkey()
  const known = useSelected((state) => (flowId === null ? undefined : state.flows.get(flowId)))
  const open = useSelected((state) => state.connection === 'open')
  const [last, setLast] = useState<View | undefined>()
  const [attempt, setAttempt] = useState(none(flowId))
  const moving = useRef(false)
  const cancelling = useRef(false)

  if (known !== undefined && known !== last) setLast(known)

  const shown = useRef(flowId)
  shown.current = flowId
  /** Notes whether the server responds. Its refusals stay until the next call. */
  const settleSilence = useCallback(
    (error: unknown): void => {
      // The answer to a call for another flow.
      if (shown.current !== flowId) return
      setAttempt((last) => {
        const now = last.flowId === flowId ? last : none(flowId)
        const isChanged = isSilent(error) ? now.error === null : isSilent(now.error)
        return isChanged ? { ...now, error: isSilent(error) ? error : null } : last
      })
    },
    [flowId],
  )
  useEffect(() => {
    // The server responds again.
    if (open) settleSilence(null)
  }, [open, settleSilence])
  // A snapshot has only open flows: the last view stays until the result is known.
  const view = known ?? (last?.flowId === flowId ? last : undefined)
  const missing = known === undefined
  const away = attempt.flowId === flowId && isSilent(attempt.error)
  const working = mustWatch(view, open)

  useEffect(() => {
    if (flowId === null || !missing) return
    let left = false
    const settle = (error: unknown): void => {
      if (!left)
        setAttempt((now) => ({
          ...(now.flowId === flowId ? now : none(flowId)),
          error,
        }))
    }
    client.flows.get(flowId).then(() => settle(null), settle)
    return () => {
      left = true
    }
  }, [client, flowId, missing, open])

  useEffect(() => {
    if (flowId !== null && (working || away))
      return watchWork(() => client.flows.get(flowId), settleSilence, open && !away)
  }, [client, flowId, working, away, open, settleSilence])

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
    retry: async () => (view?.type === 'form' ? run(moving, (flows) => flows.retry(view)) : null),
    choose: async (choice) =>
      view?.type === 'menu' || view?.type === 'form'
        ? run(moving, (flows) => flows.choose(view, choice))
        : null,
    back: async () =>
      view !== undefined && 'mayGoBack' in view ? run(moving, (flows) => flows.back(view)) : null,
    signIn: async () => {
      if (view?.type !== 'external') return null
      const begun = await run(moving, (flows) => flows.authorize(view))
      const isBegun = begun?.type === 'external' && Object.keys(begun.errors).length === 0
      return isBegun ? client.flows.addressOf(begun.url) : null
    },
    poll: useCallback(async () => {
      if (flowId === null) return null
      try {
        const answer = await client.flows.poll(flowId)
        settleSilence(null)
        return answer
      } catch (error) {
        settleSilence(error)
        return null
      }
    }, [client, flowId, settleSilence]),
    cancel: async () => (flowId === null ? null : run(cancelling, (flows) => flows.cancel(flowId))),
  }
}
