import { Box, Button, Group, Text } from '@mantine/core'
import type { View } from '../../client/index.ts'
import { shownValues } from './shown-values.ts'
import type { ComponentTexts } from './use-texts.ts'

/** A discovery as a list item. */
export function DiscoveredItem(props: {
  readonly view: View
  /** The title of the integration. */
  readonly kind: string | undefined
  readonly texts: ComponentTexts
  readonly pending: boolean
  readonly onAdd: () => void
  readonly onIgnore: (name: string) => void
}) {
  const { view, kind, pending } = props
  const { t } = props.texts
  const name = view.placeholders.name ?? view.domain
  // A flow that is connecting can no longer be ignored.
  const mayIgnore = 'mayIgnore' in view
  const address = view.type === 'form' ? shownValues(view.values) : ''
  const details = [kind === name ? undefined : kind, address].filter(Boolean).join(' · ')
  return (
    <Group role="listitem" justify="space-between" gap="xs">
      <Box flex="1 1 12rem" miw={0}>
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Text>
        {details !== '' && (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {details}
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
