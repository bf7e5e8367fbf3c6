import { Button, Group, Text } from '@mantine/core'
import type { ComponentTexts } from './use-texts.ts'

/** An ignored entry as a list item. */
export function IgnoredItem(props: {
  readonly title: string
  readonly texts: ComponentTexts
  readonly pending: boolean
  readonly onStop: () => void
}) {
  const { title, pending, onStop } = props
  const { t } = props.texts
  return (
    <Group role="listitem" justify="space-between" gap="xs">
      <Text size="sm" flex="1 1 12rem" style={{ overflowWrap: 'anywhere' }}>
        {title}
      </Text>
      <Button
        size="xs"
        variant="default"
        aria-label={t('stopIgnoringOf', { name: title })}
        loading={pending}
        onClick={onStop}
      >
        {t('stopIgnoring')}
      </Button>
    </Group>
  )
}
