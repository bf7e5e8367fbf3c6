import { useEffect, useMemo, useRef } from 'react'
import { statesAround } from './transitions-from.ts'
import './statechart.css'

/** A machine's picture. It highlights a state, its ancestors and their transitions. */
export function Statechart(props: {
  readonly picture: string
  /** The path of the state: `asking.user`. */
  readonly state: string
  readonly label: string
  /** Whether the picture is scaled to fit. Defaults to its natural size. */
  readonly whole: boolean
}) {
  const { state, label, whole } = props
  const box = useRef<HTMLElement>(null)
  const picture = useMemo(() => ({ __html: props.picture }), [props.picture])

  useEffect(() => {
    const around = statesAround(state)
    let innermost: Element | null = null
    for (const group of box.current?.querySelectorAll('[data-id]') ?? []) {
      const [kind, name = ''] = (group.getAttribute('data-id') ?? '').split('-')
      group.classList.toggle('active', around.includes(name))
      if (kind === 'state' && name === state) innermost = group
    }
    if (!whole) scrollTo(box.current, innermost)
  }, [state, picture, whole])

  const look = whole ? 'statechart-box whole' : 'statechart-box'
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it must scroll by keyboard too
    <section ref={box} className={look} tabIndex={0} aria-label={label}>
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
