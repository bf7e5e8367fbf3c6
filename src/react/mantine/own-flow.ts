'use client'
import { useEffect, useRef } from 'react'
import type { FlowControls } from '../use-flow.ts'

/** The revision of a flow in its first step. */
const FIRST = 1

/**
 * Returns the calls of a flow, and whether the user works on it: it was in its first step when it was opened here, or the
 * user has taken a step. Otherwise the user has joined the flow of another one. A setup is always the user's.
 */
export function useOwnFlow(flow: FlowControls): FlowControls & { isOwn(): boolean } {
  const flowId = flow.view?.flowId ?? null
  const isNew = flow.view?.source === 'user' || flow.view?.revision === FIRST
  const opened = useRef<string>(null)
  const own = useRef<string>(null)
  useEffect(() => {
    if (opened.current === flowId) return
    opened.current = flowId
    if (isNew) own.current = flowId
  }, [flowId, isNew])
  const taken = <Input extends unknown[], Result>(step: (...input: Input) => Result) => {
    return (...input: Input): Result => {
      own.current = flowId
      return step(...input)
    }
  }
  return {
    ...flow,
    isOwn: () => own.current === flowId,
    submit: taken(flow.submit),
    choose: taken(flow.choose),
    back: taken(flow.back),
    signIn: taken(flow.signIn),
  }
}
