import { useWindowVirtualizer } from '@tanstack/react-virtual'
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { ConnectionRow, type RowControls } from './connection-row.tsx'

/** Rows of the list with or without a head above them. */
export interface RowGroup {
  readonly key: string
  readonly ids: readonly string[]
  /** Null without a head. */
  readonly head: { readonly title: string; readonly count: string; readonly icon: ReactNode } | null
}

/** The heights of rows and heads in pixels. */
export interface RowHeights {
  readonly row: number
  readonly head: number
}

/** From this number of rows, only those in view are in the document. */
const WINDOWED = 100
/** The time of a long press, which selects a row, in milliseconds. */
const LONG_PRESS = 500
const LONG = 'long'
/** The place of a head among the rows. */
const HEAD = -1
/** The number of rows beyond each edge of the view. */
const BEYOND = 8

/** The rows of the list. They scroll with the page, and only those in view are in the document. */
export function ConnectionWindow(props: {
  readonly groups: readonly RowGroup[]
  readonly heights: RowHeights
  readonly isPhone: boolean
  readonly label: string
  readonly selected: ReadonlySet<string> | undefined
  readonly controls: RowControls
  readonly onKey: (event: KeyboardEvent, entryId: string) => void
  /** Loads more rows. Called when the last one comes into view. */
  readonly onEnd: (() => void) | null
  /** Whether the keys j and k move between the rows, like the arrow keys. */
  readonly hasShortcuts: boolean
}) {
  const { groups, heights, isPhone, label, selected, controls, onKey, onEnd, hasShortcuts } = props
  const box = useRef<HTMLDivElement>(null)
  const [margin, setMargin] = useState(0)
  const isPrinted = usePrinted()
  const { sections, ids, items, height } = useMemo(() => measured(groups, heights), [groups, heights])
  const isWindowed = ids.length > WINDOWED && !isPrinted
  const [active, setActive] = useState<string | null>(null)
  const [wanted, setWanted] = useState<string | null>(null)
  const activeId = active !== null && ids.includes(active) ? active : ids[0]

  // What is above the list may grow at any time.
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const measure = (): void => setMargin(Math.round(element.getBoundingClientRect().top + scrollY))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [])

  const virtualizer = useWindowVirtualizer({
    count: items.length,
    enabled: isWindowed,
    estimateSize: (index) => (items[index] === HEAD ? heights.head : heights.row),
    overscan: BEYOND,
    scrollMargin: margin,
    scrollPaddingStart: heights.head + 8,
    scrollPaddingEnd: 24,
  })
  const inView = virtualizer.getVirtualItems().flatMap(({ index }) => {
    const row = items[index]
    return row === undefined || row === HEAD ? [] : [row]
  })
  const first = isWindowed ? (inView[0] ?? 0) : 0
  const last = isWindowed ? (inView.at(-1) ?? -1) : ids.length - 1

  useEffect(() => {
    if (wanted === null) return
    const title = box.current?.querySelector<HTMLElement>(`[data-entry="${CSS.escape(wanted)}"] .lkl-title`)
    if (title == null) return
    title.focus({ preventScroll: isWindowed })
    setWanted(null)
  })

  const { onSelect } = controls
  const press = useRef<ReturnType<typeof setTimeout> | typeof LONG | undefined>(undefined)
  const cancelPress = (): void => {
    if (press.current === LONG) return
    clearTimeout(press.current)
    press.current = undefined
  }
  const isAtEnd = last + 1 + BEYOND >= ids.length
  useEffect(() => {
    if (isAtEnd) onEnd?.()
  }, [isAtEnd, onEnd])

  const moveTo = (index: number): void => {
    const at = Math.min(ids.length - 1, Math.max(0, index))
    const id = ids[at]
    if (id === undefined) return
    if (isWindowed) virtualizer.scrollToIndex(items.indexOf(at), { align: 'auto' })
    setActive(id)
    setWanted(id)
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the rows
    <div
      ref={box}
      className="lkl-card"
      style={{ height: height + 2 }}
      onPointerDown={({ target, pointerType }) => {
        const id = entryAt(target)
        cancelPress()
        if (pointerType !== 'touch' || id === undefined || onSelect === undefined) return
        press.current = setTimeout(() => {
          press.current = LONG
          onSelect(id)
        }, LONG_PRESS)
      }}
      onPointerMove={cancelPress}
      onPointerUp={cancelPress}
      onPointerCancel={cancelPress}
      onClickCapture={(event) => {
        if (press.current !== LONG) return
        // The finger lifts after a long press.
        press.current = undefined
        event.preventDefault()
        event.stopPropagation()
      }}
      onFocus={({ target }) => {
        const id = entryAt(target)
        if (id !== undefined) setActive(id)
      }}
      onKeyDown={(event) => {
        const id = entryAt(event.target)
        if (id === undefined || event.ctrlKey || event.metaKey || event.altKey) return
        const at = ids.indexOf(id)
        const step = steps[event.key] ?? (hasShortcuts ? letters[event.key] : undefined)
        if (step !== undefined && (event.target as HTMLElement).matches('.lkl-title')) {
          event.preventDefault()
          moveTo(step === 'first' ? 0 : step === 'last' ? ids.length - 1 : at + step)
        } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft')
          moveInRow(event, event.key === 'ArrowRight')
        else onKey(event, id)
      }}
    >
      {sections.map(({ key, head, top, height: size, start, ids: own }) => {
        const begin = Math.max(0, first - start)
        const end = Math.min(own.length, last + 1 - start)
        if (end <= 0 || begin >= own.length) return null
        return (
          <section key={key} className="lkl-section" style={{ top, height: size }} aria-label={head?.title}>
            {head !== null && (
              <div className="lkl-head">
                {head.icon}
                <h2>{head.title}</h2>
                <span>{head.count}</span>
              </div>
            )}
            <ul className="lkl-section-rows" aria-label={head === null ? label : head.title}>
              {own.slice(begin, end).map((entryId, index) => (
                <ConnectionRow
                  key={entryId}
                  entryId={entryId}
                  at={start + begin + index + 1}
                  of={ids.length}
                  isActive={entryId === activeId}
                  isSelected={selected?.has(entryId) === true}
                  isGrouped={head !== null}
                  isPhone={isPhone}
                  top={(begin + index) * heights.row}
                  height={heights.row}
                  controls={controls}
                />
              ))}
            </ul>
          </section>
        )
      })}
    </div>
  )
}

/** Returns the entry of the row of an element. */
const entryAt = (target: EventTarget): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[data-entry]')?.dataset.entry : undefined

const steps: Readonly<Record<string, number | 'first' | 'last'>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: 'first',
  End: 'last',
}

const letters: Readonly<Record<string, number>> = { j: 1, k: -1 }

/** Moves the focus between the title, the actions and the menu of a row. */
function moveInRow(event: KeyboardEvent, isForward: boolean): void {
  const row = (event.target as HTMLElement).closest('[data-entry]')
  const parts = [...(row?.querySelectorAll<HTMLElement>('.lkl-title, .lkl-actions button') ?? [])]
  const at = parts.indexOf(event.target as HTMLElement)
  const next =
    parts[at + (isForward === (getComputedStyle(event.currentTarget).direction !== 'rtl') ? 1 : -1)]
  if (at < 0 || next === undefined) return
  event.preventDefault()
  next.focus()
}

interface Section extends RowGroup {
  /** Offset of the section and its height. */
  readonly top: number
  readonly height: number
  /** Index of its first row in the list. */
  readonly start: number
}

/** Places the groups below each other. `items` has the index of each row, and `HEAD` for each head. */
function measured(groups: readonly RowGroup[], { row, head }: RowHeights) {
  const sections: Section[] = []
  const ids: string[] = []
  const items: number[] = []
  let top = 0
  for (const group of groups) {
    const height = (group.head === null ? 0 : head) + group.ids.length * row
    sections.push({ ...group, top, height, start: ids.length })
    if (group.head !== null) items.push(HEAD)
    for (const id of group.ids) items.push(ids.push(id) - 1)
    top += height
  }
  return { sections, ids, items, height: top }
}

/** Whether the page is being printed. Then all rows are in the document. */
function usePrinted(): boolean {
  const [isPrinted, setPrinted] = useState(false)
  useEffect(() => {
    const start = (): void => setPrinted(true)
    const end = (): void => setPrinted(false)
    addEventListener('beforeprint', start)
    addEventListener('afterprint', end)
    return () => {
      removeEventListener('beforeprint', start)
      removeEventListener('afterprint', end)
    }
  }, [])
  return isPrinted
}
