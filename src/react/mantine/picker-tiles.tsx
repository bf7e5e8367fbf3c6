import { useMediaQuery } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { IntegrationItem } from '../../client/index.ts'
import { ONE_COLUMN } from './picker-styles.ts'
import { PickerTile } from './picker-tile.tsx'

/** Longer lists render only the tiles in view. */
const WINDOWED = 60

/** The height of a tile and of the gap below it, in pixels. */
const TILE = 60
const GAP = 2

interface TilesProps {
  readonly listId: string
  readonly label: string
  readonly items: readonly IntegrationItem[]
  /** The index of the tile that Enter picks. */
  readonly active: number
  /** The domain whose flow is starting. */
  readonly pending: string | null
  readonly noteOf: (item: IntegrationItem) => string | undefined
  readonly onPick: (item: IntegrationItem) => void
  /** The element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>
}

/** The id of a tile, for `aria-activedescendant`. */
export const tileId = (listId: string, index: number): string => `${listId}-${index}`

/** The integrations to pick from. */
export function PickerTiles(props: TilesProps) {
  return props.items.length > WINDOWED ? <WindowedTiles {...props} /> : <AllTiles {...props} />
}

function tileOf(props: TilesProps, index: number) {
  const { listId, items, active, pending, noteOf, onPick } = props
  const item = items[index]
  if (item === undefined) return null
  return (
    <PickerTile
      key={item.domain}
      id={tileId(listId, index)}
      item={item}
      position={index + 1}
      total={items.length}
      active={index === active}
      pending={item.domain === pending}
      note={noteOf(item)}
      onPick={() => onPick(item)}
    />
  )
}

function AllTiles(props: TilesProps) {
  const { listId, label, items, active } = props
  useEffect(() => {
    document.getElementById(tileId(listId, active))?.scrollIntoView({ block: 'nearest' })
  }, [listId, active])
  return (
    <div id={listId} role="listbox" aria-label={label} className="lk-tiles">
      {items.map((_, index) => tileOf(props, index))}
    </div>
  )
}

function WindowedTiles(props: TilesProps) {
  const { listId, label, items, active, scroller } = props
  const columns = useMediaQuery(ONE_COLUMN, false, { getInitialValueInEffect: false }) ? 1 : 2
  const box = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  // The tiles begin below the discoveries.
  useLayoutEffect(() => {
    const offset = box.current?.offsetTop ?? 0
    if (offset !== top) setTop(offset)
  })
  const rows = useVirtualizer({
    count: Math.ceil(items.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => TILE,
    gap: GAP,
    overscan: 4,
    scrollMargin: top,
  })
  const row = Math.floor(active / columns)
  useEffect(() => rows.scrollToIndex(row), [rows, row])
  return (
    <div
      ref={box}
      id={listId}
      role="listbox"
      aria-label={label}
      style={{ position: 'relative', height: rows.getTotalSize() }}
    >
      {rows.getVirtualItems().map(({ key, index, start }) => (
        <div
          key={key}
          role="presentation"
          className="lk-tiles"
          style={{ position: 'absolute', insetInline: 0, top: start - top, height: TILE }}
        >
          {Array.from({ length: columns }, (_, column) => tileOf(props, index * columns + column))}
        </div>
      ))}
    </div>
  )
}
