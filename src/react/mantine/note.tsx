import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'

const GLYPHS = { bad: 'alert', attention: 'offline', ok: 'check', info: null } as const

/** A box for something that has happened. `role` is `alert` if it must interrupt a screen reader. */
export function Note(props: {
  readonly kind: keyof typeof GLYPHS
  readonly role?: 'alert' | 'status' | 'note'
  readonly children: ReactNode
}) {
  const glyph = GLYPHS[props.kind]
  return (
    <div className="lk-note" data-kind={props.kind} role={props.role}>
      {glyph !== null && <Icon name={glyph} />}
      <div className="lk-grow">{props.children}</div>
    </div>
  )
}
