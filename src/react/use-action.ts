'use client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ProblemError } from '../client/index.ts'
import { useSelected } from './client-state.ts'

/** Runs the actions of a user, one at a time. */
export interface Action {
  /** The id of the flow or entry that the running action is for. */
  readonly pending: string | null
  /** The error of the last action, or null if it succeeded or the server responds again. */
  readonly error: unknown
  /** Resolves with the result, or with null if the action failed or another one is running. */
  run<Result>(id: string, action: () => Promise<Result>): Promise<Result | null>
}

/** Tracks the running action and the error of the last one. */
export function useAction(): Action {
  const [state, setState] = useState<Pick<Action, 'pending' | 'error'>>({ pending: null, error: null })
  const busy = useRef(false)
  const open = useSelected(({ connection }) => connection === 'open')
  useEffect(() => {
    if (open) setState((now) => (now.error instanceof ProblemError ? now : { ...now, error: null }))
  }, [open])
  const run = useCallback<Action['run']>(async (id, action) => {
    if (busy.current) return null
    busy.current = true
    setState({ pending: id, error: null })
    try {
      const result = await action()
      setState({ pending: null, error: null })
      return result
    } catch (error) {
      setState({ pending: null, error })
      return null
    } finally {
      busy.current = false
    }
  }, [])
  return { ...state, run }
}
