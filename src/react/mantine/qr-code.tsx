import { encode } from 'uqr'

/** The white margin in modules, which scanners need. */
const MARGIN = 3

/** A QR code, always black on white. It is in a separate chunk, with its encoder. */
export function QrCode(props: { readonly text: string; readonly label: string; readonly size?: number }) {
  const { text, label, size = 148 } = props
  const { data, size: modules } = encode(text, { border: 0, ecc: 'M' })
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  const side = modules + 2 * MARGIN
  return (
    <svg
      role="img"
      aria-label={label}
      width={size}
      height={size}
      viewBox={`${-MARGIN} ${-MARGIN} ${side} ${side}`}
      shapeRendering="crispEdges"
      style={{ flex: 'none' }}
    >
      <rect x={-MARGIN} y={-MARGIN} width={side} height={side} style={{ fill: 'var(--lk-qr-light)' }} />
      <path d={path} style={{ fill: 'var(--lk-qr-dark)' }} />
    </svg>
  )
}
