'use client'
import { useCallback, useRef, useState } from 'react'

/** What a person asked for, done one at a time. */
export interface Deed {
  /** What something is being done about. */
  readonly pending: string | null
  /** Why the last one failed. */
  readonly error: unknown
  /** Resolves with what came of it; null where it failed, or another one is still being done. */
  run<Result>(about: string, deed: () => Promise<Result>): Promise<Result | null>
}

/** Does what a person asks for, and knows what is being done and why the last one failed. */
export function useDeed(): Deed {
  const [state, setState] = useState<Pick<Deed, 'pending' | 'error'>>({ pending: null, error: null })
  const busy = useRef(false)
  const run = useCallback<Deed['run']>(async (about, deed) => {
    if (busy.current) return null
    busy.current = true
    setState({ pending: about, error: null })
    try {
      const result = await deed()
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
