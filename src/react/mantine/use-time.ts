import { useEffect, useLayoutEffect, useState } from 'react'

/** How long something may take before it is said that it does, in milliseconds. */
const SLOW = 500

/** Whether something has been going on for more than half a second. */
export function useSlow(active: boolean): boolean {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    if (!active) return
    const timer = setTimeout(() => setSlow(true), SLOW)
    return () => {
      clearTimeout(timer)
      setSlow(false)
    }
  }, [active])
  return active && slow
}

/** The seconds that are left of a wait; it begins again when `since` becomes another object. */
export function useCountdown(seconds: number, since: unknown): number {
  const [left, setLeft] = useState(seconds)
  // With `since`: the same number of seconds may be asked for twice
  useLayoutEffect(() => {
    const until = Date.now() + seconds * 1000
    const timer = setInterval(() => tick(), 250)
    const tick = (): void => {
      const rest = Math.max(0, Math.ceil((until - Date.now()) / 1000))
      setLeft(rest)
      if (rest === 0) clearInterval(timer)
    }
    tick()
    return () => clearInterval(timer)
  }, [seconds, since])
  return left
}
