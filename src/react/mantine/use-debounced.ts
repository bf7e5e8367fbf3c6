import { useEffect, useState } from 'react'

/** Returns a value half a second after its last change, so that screen readers do not announce each key. */
export function useDebounced(value: string): string {
  const [late, setLate] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), 500)
    return () => clearTimeout(timer)
  }, [value])
  return late
}
