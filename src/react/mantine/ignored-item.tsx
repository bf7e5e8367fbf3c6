import { Button, Group, Text } from '@mantine/core'
import type { Texts } from './texts.ts'

/** Something that is ignored, as a line of a list. */
export function IgnoredItem(props: {
  readonly title: string
  readonly texts: Texts
  readonly pending: boolean
  readonly onStop: () => void
}) {
  const { title, texts, pending, onStop } = props
  return (
    <Group role="listitem" justify="space-between" gap="xs">
      <Text size="sm" flex="1 1 12rem" style={{ overflowWrap: 'anywhere' }}>
        {title}
      </Text>
      <Button
        size="xs"
        variant="default"
        aria-label={texts.stopIgnoringOf(title)}
        loading={pending}
        onClick={onStop}
      >
        {texts.stopIgnoring}
      </Button>
    </Group>
  )
}
