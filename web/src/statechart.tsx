import { useEffect, useMemo, useRef } from 'react'
import { activeIn, waysAlong } from './transitions-from.ts'
import './statechart.css'

/** A machine's picture in its natural size. It marks the current state and its transitions, and the passed ones. */
export function Statechart(props: {
  readonly picture: string
  /** The passed states and the current one, by path: `asking.user`. */
  readonly trail: readonly string[]
  readonly label: string
}) {
  const { label, trail } = props
  const state = trail.at(-1) ?? ''
  const box = useRef<HTMLElement>(null)
  const picture = useMemo(() => ({ __html: props.picture }), [props.picture])

  useEffect(() => {
    const active = activeIn(picture.__html, state)
    const passed = new Set(trail.slice(0, -1).flatMap((each) => [...activeIn(picture.__html, each)]))
    const ways = waysAlong(picture.__html, trail)
    let innermost: Element | null = null
    for (const group of box.current?.querySelectorAll('[data-id]') ?? []) {
      const [kind, ...rest] = (group.getAttribute('data-id') ?? '').split('-')
      const name = rest.join('-')
      const isState = kind === 'state'
      group.classList.toggle('active', active.has(isState ? name : (rest[0] ?? '')))
      group.classList.toggle('passed', isState ? passed.has(name) : ways.has(name))
      if (isState && active.has(name)) innermost = group
    }
    scrollTo(box.current, innermost)
  }, [state, picture, trail])

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it must scroll by keyboard too
    <section ref={box} className="statechart-box" tabIndex={0} aria-label={label}>
      <div role="img" aria-label={label} dangerouslySetInnerHTML={picture} />
    </section>
  )
}

/** Scrolls a part of the picture to the center of its box. The page does not scroll. */
function scrollTo(box: HTMLElement | null, part: Element | null): void {
  if (box === null || part === null) return
  const outer = box.getBoundingClientRect()
  const inner = part.getBoundingClientRect()
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  box.scrollBy({
    left: inner.left + inner.width / 2 - (outer.left + outer.width / 2),
    top: inner.top + inner.height / 2 - (outer.top + outer.height / 2),
    behavior: calm ? 'auto' : 'smooth',
  })
}
