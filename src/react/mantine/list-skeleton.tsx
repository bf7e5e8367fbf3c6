import { VisuallyHidden } from '@mantine/core'
import { useEffect, useState } from 'react'

/** The delay before the skeleton appears, in milliseconds. */
const DELAY = 200

const widths = [
  [150, 210],
  [118, 178],
  [172, 232],
] as const

/** Three rows without content, while the list loads. */
export function ListSkeleton({ label }: { readonly label: string }) {
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), DELAY)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div style={{ minHeight: 182 }}>
      {isShown && (
        <div className="lkl-card">
          <VisuallyHidden role="status">{label}</VisuallyHidden>
          {widths.map(([title, detail]) => (
            <div key={title} className="lkl-skeleton" aria-hidden="true">
              <span className="lkl-sk" style={{ height: 36, borderRadius: 10 }} />
              <span style={{ display: 'grid', gap: 8 }}>
                <span className="lkl-sk" style={{ width: title, maxWidth: '100%' }} />
                <span className="lkl-sk" style={{ width: detail, maxWidth: '100%', height: 10 }} />
              </span>
              <span className="lkl-sk" style={{ width: 96 }} />
              <span className="lkl-sk" style={{ width: 84 }} />
            </div>
          ))}
        </div>
      )}
    </div>
  )
}
