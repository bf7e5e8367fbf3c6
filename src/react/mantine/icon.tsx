/** The icons as paths of 20 × 20 pixels. */
const paths = {
  add: 'M10 4v12M4 10h12',
  alert: 'M10 3L2.5 16.5h15L10 3Zm0 5v4m0 2.4v.1',
  arrow: 'M4 10h12m0 0l-5-5m5 5l-5 5',
  back: 'M16 10H4m0 0l5-5m-5 5l5 5',
  check: 'M4 10.5l4 4 8-9',
  chevronDown: 'M4 7l6 6 6-6',
  chevronRight: 'M7 4l6 6-6 6',
  close: 'M5 5l10 10M15 5L5 15',
  copy: 'M7 7V4h9v9h-3M4 7h9v9H4z',
  device: 'M6 3h8v14H6zM9 14.5h2',
  download: 'M10 3v9m0 0l-3.5-3.5M10 12l3.5-3.5M4 16h12',
  edit: 'M4 16l.8-3.6L13 4.2a1.6 1.6 0 0 1 2.3 0l.5.5a1.6 1.6 0 0 1 0 2.3L7.6 15.2 4 16Z',
  globe:
    'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM3 10h14M10 3c2.2 2 3 4.4 3 7s-.8 5-3 7c-2.2-2-3-4.4-3-7s.8-5 3-7Z',
  home: 'M4 9.5L10 4l6 5.5M5.5 8.5V16h9V8.5',
  key: 'M12.5 11.5a4 4 0 1 0-3.9-3L3 14v3h3v-2h2v-2h1.3l1-1c.7.4 1.4.5 2.2.5ZM13.5 6.5v.1',
  link: 'M8.5 11.5a3 3 0 0 0 4.3 0l2.6-2.6a3 3 0 0 0-4.3-4.3l-.8.8M11.5 8.5a3 3 0 0 0-4.3 0l-2.6 2.6a3 3 0 0 0 4.3 4.3l.8-.8',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  more: 'M4 10v.1M10 10v.1M16 10v.1',
  offline:
    'M3 3l14 14M6 8.5A8 8 0 0 1 10 7.4m4.5 1.4c.7.4 1.3.8 1.9 1.3M3.6 6.7c.8-.5 1.6-1 2.5-1.3m3.4-.7c3 0 5.8 1 8 3M10 15.5v.1m-2.4-2.9a4 4 0 0 1 4.6-.1',
  outside: 'M11 4h5v5M16 4l-7 7M14 11v5H4V6h5',
  play: 'M6 4l10 6-10 6z',
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12Zm4.5-1.5L17 17',
  settings:
    'M10 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM10 3v2m0 10v2m7-7h-2M5 10H3m12-5l-1.4 1.4M6.4 13.6L5 15m10 0l-1.4-1.4M6.4 6.4L5 5',
  wand: 'M4 16l8.5-8.5m2-4v3m-1.5-1.5h3M6 4v2.4M4.8 5.2h2.4M16 11v2.4m-1.2-1.2h2.4',
  trash: 'M4 6h12M8 6V4h4v2m-6 0l.7 10h6.6L14 6M8.5 9v4m3-4v4',
} as const

/** The name of an icon. */
export type IconName = keyof typeof paths

/** Draws an icon in the color of its text. Screen readers ignore it. */
export function Icon(props: {
  readonly name: IconName
  readonly size?: number
  readonly className?: string
}) {
  const { name, size = 16, className } = props
  return (
    <svg
      className={className}
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.4 : 1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: 'none', display: 'block' }}
    >
      <path d={paths[name]} />
    </svg>
  )
}
