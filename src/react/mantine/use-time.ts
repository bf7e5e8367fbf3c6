import { useEffect, useLayoutEffect, useState } from 'react'

/** The delay before a busy indicator appears, in milliseconds. */
const SLOW = 500

/** Whether `active` has been true for more than half a second. */
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

/** Counts down from `seconds`. Restarts when `since` changes. */
export function useCountdown(seconds: number, since: unknown): number {
  const [left, setLeft] = useState(seconds)
  // `since` restarts the countdown if the number of seconds is the same.
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
