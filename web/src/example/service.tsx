import { Group, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { useLanguage } from '../language.tsx'
import { CopyValue } from './copy-value.tsx'

/** A simulated service: its state, its values, and what can happen to it. */
export function Service(props: {
  readonly name: string
  /** Omit for a service that cannot be stopped. */
  readonly running?: boolean
  readonly values: readonly (readonly [label: string, value: string])[]
  readonly buttons: readonly ReactNode[]
}) {
  const { name, running, values, buttons } = props
  const { t } = useLanguage()
  const id = useId()
  return (
    <section className="example-service" aria-labelledby={id}>
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <Title order={3} id={id} className="example-name">
          {name}
        </Title>
        {running !== undefined && (
          <span className="example-power" data-on={running || undefined}>
            {t(running ? 'up' : 'down')}
          </span>
        )}
      </Group>
      <dl className="example-values">
        {values.map(([label, value], place) => (
          <div key={`${place} ${label}`}>
            <dt>{label}</dt>
            <dd>
              <code>{value}</code>
              <CopyValue value={value} label={label} />
            </dd>
          </div>
        ))}
      </dl>
      <Group gap={8}>{buttons}</Group>
    </section>
  )
}
