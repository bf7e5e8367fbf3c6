import { Box } from '@mantine/core'

/** Mantine colors on whose darkest shade white text has enough contrast. */
const COLORS = ['indigo', 'pink', 'violet', 'cyan', 'teal', 'grape', 'red', 'blue'] as const

/** The color of a domain's letter. The same domain always has the same color. */
function colorOf(domain: string): string {
  let hash = 0
  for (const letter of domain) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0
  return `var(--mantine-color-${COLORS[hash % COLORS.length]}-9)`
}

const firstLetter = (name: string): string => [...name.trim()][0]?.toLocaleUpperCase() ?? '?'

/**
 * The picture of a service, or its first letter. It is decoration: put the name next to it.
 *
 * @example
 * ```tsx
 * import { ServiceIcon } from 'latchkey/react/mantine'
 *
 * export const Hub = () => <ServiceIcon domain="my_hub" service="My Hub" size={40} />
 * ```
 */
export function ServiceIcon(props: {
  readonly domain: string
  /** The title of the integration. Its first letter is shown if there is no icon. */
  readonly service?: string | undefined
  /** The `icon` of the integration, a `data:` URL. */
  readonly icon?: string | undefined
  /** Width and height in pixels. Defaults to 36. */
  readonly size?: number
}) {
  const { domain, service, icon, size = 36 } = props
  const box = { width: size, height: size, flex: 'none', borderRadius: '27%' }
  // An SVG in an `<img>` runs no scripts and loads nothing.
  if (icon?.startsWith('data:image/')) return <img src={icon} alt="" style={{ ...box, display: 'block' }} />
  return (
    <Box
      component="span"
      aria-hidden
      style={{
        ...box,
        display: 'inline-grid',
        placeItems: 'center',
        background: colorOf(domain),
        color: 'var(--lk-on-color, var(--mantine-color-white))',
        fontSize: Math.round(size * 0.42),
        fontWeight: 650,
        lineHeight: 1,
      }}
    >
      {firstLetter(service ?? domain)}
    </Box>
  )
}
