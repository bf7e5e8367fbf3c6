import { useEffect, useState } from 'react'
import { useSelected } from '../client-state.ts'

/** The silence until the connection to Latchkey counts as lost, in milliseconds. A reconnect is often shorter. */
const SILENCE = 1000

/** Time since which Latchkey does not respond (ms since the epoch). Null while it does, and in the first second. */
export function useLostAt(): number | null {
  const isLost = useSelected(({ connection }) => connection === 'lost')
  const [lostAt, setLostAt] = useState<number | null>(null)
  useEffect(() => {
    if (!isLost) return
    const since = Date.now()
    const timer = setTimeout(() => setLostAt(since), SILENCE)
    return () => {
      clearTimeout(timer)
      setLostAt(null)
    }
  }, [isLost])
  return isLost ? lostAt : null
}
