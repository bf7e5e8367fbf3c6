import { useEffect, useMemo, useRef } from 'react'
import configEntry from '../../machines/config-entry.svg?raw'
import configFlow from '../../machines/config-flow.svg?raw'
import optionsFlow from '../../machines/options-flow.svg?raw'
import subentryFlow from '../../machines/subentry-flow.svg?raw'
import './statechart.css'

const pictures = { configFlow, optionsFlow, subentryFlow, configEntry }

/** A machine's picture with one of its states lit, and the states around it. */
export function Statechart(props: {
  readonly machine: keyof typeof pictures
  /** By its path: `asking.user`. */
  readonly state: string
  readonly label: string
  /** As small as it has to be to fit; else as large as it is drawn. */
  readonly whole: boolean
}) {
  const { machine, state, label, whole } = props
  const box = useRef<HTMLElement>(null)
  // The ids would not be alone in a page.
  const picture = useMemo(() => ({ __html: pictures[machine].replaceAll(' id="', ' data-id="') }), [machine])

  useEffect(() => {
    const path = state.split('.')
    const lit = path.map((_, depth) => `state-${path.slice(0, depth + 1).join('.')}`)
    let innermost: Element | null = null
    for (const group of box.current?.querySelectorAll('[data-id]') ?? []) {
      const active = lit.includes(group.getAttribute('data-id') ?? '')
      group.classList.toggle('active', active)
      if (group.getAttribute('data-id') === lit.at(-1)) innermost = group
    }
    if (!whole) scrollTo(box.current, innermost)
  }, [state, picture, whole])

  const look = whole ? 'statechart-box whole' : 'statechart-box'
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to scroll by keyboard too
    <section ref={box} className={look} tabIndex={0} aria-label={label}>
      <div role="img" aria-label={label} dangerouslySetInnerHTML={picture} />
    </section>
  )
}

/** Brings a part of the picture to the middle of its box; the page itself does not move. */
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
