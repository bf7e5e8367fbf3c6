import { Box, Button, Group, Text } from '@mantine/core'
import type { View } from '../../client/index.ts'
import { shownValues } from './shown-values.ts'
import type { ComponentTexts } from './use-texts.ts'

/** Something that was found, as a line of a list. */
export function FoundItem(props: {
  readonly view: View
  /** What kind of thing it is. */
  readonly kind: string | undefined
  readonly texts: ComponentTexts
  readonly pending: boolean
  readonly onAdd: () => void
  readonly onIgnore: (name: string) => void
}) {
  const { view, kind, pending } = props
  const { t } = props.texts
  const name = view.placeholders.name ?? view.domain
  // What is being tried is past being ignored.
  const mayIgnore = 'mayIgnore' in view
  const where = view.type === 'form' ? shownValues(view.values) : ''
  const told = [kind === name ? undefined : kind, where].filter(Boolean).join(' · ')
  return (
    <Group role="listitem" justify="space-between" gap="xs">
      <Box flex="1 1 12rem" miw={0}>
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Text>
        {told !== '' && (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {told}
          </Text>
        )}
      </Box>
      <Group gap="xs">
        {mayIgnore && (
          <Button
            size="xs"
            variant="default"
            aria-label={t('ignoreOf', { name })}
            loading={pending}
            onClick={() => props.onIgnore(name)}
          >
            {t('ignore')}
          </Button>
        )}
        <Button size="xs" aria-label={t('addOf', { name })} disabled={pending} onClick={props.onAdd}>
          {t('add')}
        </Button>
      </Group>
    </Group>
  )
}
