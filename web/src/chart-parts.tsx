import { Icon } from '../../src/react/mantine/icon.tsx'
import { Chips } from './chips.tsx'
import { useLanguage } from './language.tsx'

/** The number of states that the path of the last moves has. */
const LAST = 3

/** Chooses between the part of a picture around the current state, and the whole one. */
export function ChartPart(props: {
  readonly isWhole: boolean
  readonly onChoose: (isWhole: boolean) => void
}) {
  const { t } = useLanguage()
  return (
    <Chips
      choices={[
        [false, t('around')],
        [true, t('whole')],
      ]}
      value={props.isWhole}
      onChoose={props.onChoose}
    />
  )
}

/** The last states of a trail. The last one is the current state. */
export function ChartPath({ trail }: { readonly trail: readonly string[] }) {
  const { t } = useLanguage()
  return (
    <ol className="chart-path" aria-label={t('lastStates')} aria-live="polite">
      {trail.slice(-LAST).map((passed, at, path) => (
        <li key={`${at} ${passed}`} aria-current={at === path.length - 1 || undefined}>
          {at > 0 && <Icon name="arrow" size={14} className="lk-flip" />}
          {passed}
        </li>
      ))}
    </ol>
  )
}
