import type { ReactNode } from 'react'
import { useLanguage } from '../language.tsx'

/** A point in time. `children` may be its distance from now: the title has the date, the time and the zone. */
export function Time({ at, children }: { readonly at: number; readonly children: ReactNode }) {
  const { language } = useLanguage()
  const whole = new Date(at).toLocaleString(language, { dateStyle: 'full', timeStyle: 'long' })
  return (
    <time dateTime={new Date(at).toISOString()} title={whole}>
      {children}
    </time>
  )
}
