import { Styles } from './styles.tsx'

const TILES = 8

const css = `
.lk-tile { display: inline-grid; place-items: center; flex: none; overflow: hidden; border-radius: 27%;
  color: var(--lk-on-color); font-weight: 650; line-height: 1; user-select: none; }
.lk-tile > img { width: 100%; height: 100%; object-fit: contain; display: block; }
`

/**
 * The icon of an integration, or the first letter of its name on a color that its domain selects. The icon is only the
 * source of an image, so the scripts of an SVG do not run. Screen readers ignore it: the name is next to it.
 */
export function IntegrationIcon(props: {
  readonly domain: string
  readonly name: string
  /** A data URL. */
  readonly icon?: string | undefined
  /** In pixels. */
  readonly size: number
}) {
  const { domain, name, icon, size } = props
  const isShown = icon?.startsWith('data:image/') === true
  const [letter = ''] = name.trim() || domain
  return (
    <span
      className="lk-tile"
      aria-hidden="true"
      style={{
        width: size,
        height: size,
        fontSize: Math.round(size * 0.45),
        background: isShown ? undefined : `var(--lk-tile-${hashOf(domain) % TILES})`,
      }}
    >
      <Styles name="tile" css={css} />
      {isShown ? <img src={icon} alt="" width={size} height={size} /> : letter.toLocaleUpperCase()}
    </span>
  )
}

/** Returns the same number for the same text, at least 0. */
function hashOf(text: string): number {
  let hash = 0
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0
  return hash
}
