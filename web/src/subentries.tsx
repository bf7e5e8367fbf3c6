import { Button, Group, Stack, Text } from '@mantine/core'
import type { EntryView, View } from '../../src/client/index.ts'
import { existingFlow } from '../../src/react/existing-flow.ts'
import { useIntegrations, useLatchkey } from '../../src/react/index.ts'
import { useActions } from './actions.tsx'
import type { EntryDialog } from './entry-dialog.ts'
import { useLanguage } from './language.tsx'

/** Lists the sub-entries of an entry, with buttons to edit, remove and add them. */
export function Subentries(props: {
  readonly entry: EntryView
  readonly onFlow: (flowId: string) => void
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entry, onFlow, onDialog } = props
  const { entryId, disabled, title: name } = entry
  const { t } = useLanguage()
  const { act } = useActions()
  const { entries } = useLatchkey()
  const types = useIntegrations()?.find(({ domain }) => domain === entry.domain)?.subentries ?? []
  if (types.length === 0 && entry.subentries.length === 0) return null

  const open = (start: () => Promise<View>) => () =>
    void act(() => start().then(({ flowId }) => flowId, existingFlow)).then(
      (flowId) => flowId && onFlow(flowId),
    )
  return (
    <Stack gap={4} mt="xs">
      {entry.subentries.length > 0 && (
        <Stack gap={4} role="list" aria-label={t('under', { name })}>
          {entry.subentries.map(({ subentryId, type, title }) => (
            <Group key={subentryId} role="listitem" justify="space-between" gap="xs">
              <Text size="sm" flex="1 1 10rem" miw={0} style={{ overflowWrap: 'anywhere' }}>
                {`${types.find((one) => one.type === type)?.title ?? type}: ${title}`}
              </Text>
              <Group gap="xs">
                <Button
                  size="compact-xs"
                  variant="default"
                  disabled={disabled}
                  aria-label={t('changeOf', { name: title })}
                  onClick={open(() => entries.changeSubentry(entryId, subentryId))}
                >
                  {t('change')}
                </Button>
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={t('removeOf', { name: title })}
                  onClick={() => onDialog({ type: 'remove', entryId, subentryId, title })}
                >
                  {t('remove')}
                </Button>
              </Group>
            </Group>
          ))}
        </Stack>
      )}
      <Group gap="xs">
        {types.map(({ type, title: what }) => (
          <Button
            key={type}
            size="compact-xs"
            variant="subtle"
            disabled={disabled}
            aria-label={t('addUnderTo', { name, what })}
            onClick={open(() => entries.addSubentry(entryId, type))}
          >
            {t('addUnder', { what })}
          </Button>
        ))}
      </Group>
    </Stack>
  )
}
