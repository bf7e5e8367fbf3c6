import { Button, Group, Paper, Text } from '@mantine/core'
import { useSelected } from '../../src/react/client-state.ts'
import { useLatchkey } from '../../src/react/index.ts'
import { useTexts } from '../../src/react/mantine/use-texts.ts'
import { useActions } from './actions.tsx'
import { useLanguage } from './language.tsx'
import { isLeft } from './own-flows.ts'
import { navigate, useRoute } from './routes.ts'

/** The sources whose flows have no other place in the page that leads back to them. */
const HIDDEN: ReadonlySet<string> = new Set(['user', 'reconfigure', 'replace', 'subentry'])

/** The flows of this window, and of closed windows, that are open without a dialog, for example since the browser has gone back. */
export function Unfinished() {
  const { t } = useLanguage()
  const texts = useTexts()
  const { act } = useActions()
  const { flows } = useLatchkey()
  const { flowId: shown } = useRoute()
  const views = useSelected((state) => state.flows)
  if (shown !== null) return null
  const open = [...views.values()].filter(
    (view) =>
      'mayGoBack' in view && HIDDEN.has(view.source) && (flows.isOwn(view.flowId) || isLeft(view.flowId)),
  )
  const discard = async (flowId: string): Promise<void> => {
    if ((await act(() => flows.cancel(flowId))) === null) return
    // The line with the pressed button is removed.
    document.querySelector<HTMLElement>('.page-title')?.focus()
  }
  return open.map(({ flowId, title }) => (
    <Paper key={flowId} component="section" aria-label={t('unfinished')} withBorder p="sm" mb="md">
      <Group justify="space-between" gap="xs">
        <div>
          <Text size="sm" fw={600}>
            {title}
          </Text>
          <Text size="sm" c="var(--lk-muted)">
            {t('unfinished')}
          </Text>
        </div>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            aria-label={`${texts.t('discard')}: ${title}`}
            onClick={() => void discard(flowId)}
          >
            {texts.t('discard')}
          </Button>
          <Button size="xs" aria-label={`${texts.t('goOn')}: ${title}`} onClick={() => navigate({ flowId })}>
            {texts.t('goOn')}
          </Button>
        </Group>
      </Group>
    </Paper>
  ))
}
