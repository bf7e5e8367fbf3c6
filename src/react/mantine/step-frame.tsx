import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { ProblemError } from '../../client/index.ts'
import type { DeviceView, ExternalView, FormView, MenuView } from '../../view.ts'
import type { FlowControls } from '../use-flow.ts'
import { errorText } from './error-text.ts'
import type { ComponentTexts } from './use-texts.ts'
import { useCountdown } from './use-time.ts'
import { Working } from './working.tsx'

type StepView = FormView | MenuView | ExternalView | DeviceView

/** What a step shows, and where its buttons lead. */
export interface StepProps<Shown extends StepView> {
  readonly view: Shown
  readonly flow: FlowControls
  readonly texts: ComponentTexts
  readonly onCancel: () => void
}

/** What is inside of a step: `wait` says for how many seconds nothing is to be tried, `ways` draws the ways out. */
type Inside = (wait: number, ways: (onward?: ReactNode) => ReactNode) => ReactNode

/** Around a step: what it is about, and what went wrong before. */
export function StepFrame(props: StepProps<StepView> & { readonly children: Inside }) {
  const { view, flow, texts, onCancel, children } = props
  const { pending, error } = flow
  const { t } = texts
  const base = view.errors.base
  const asked =
    base?.retryAfter ?? (error instanceof ProblemError ? error.problem.retryAfter : undefined) ?? 0
  const wait = useCountdown(asked, base?.retryAfter === undefined ? error : view)
  const failure = errorText(texts, error) ?? base?.text
  const box = useRef<HTMLDivElement>(null)
  // In a dialog that is open already, each new step takes the focus itself.
  useEffect(() => {
    if (!pending) box.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
  }, [pending])
  const ways = (onward?: ReactNode) => (
    <>
      <Working active={pending} text={t('working')} />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onCancel}>
          {t('cancel')}
        </Button>
        {view.mayGoBack && (
          <Button variant="default" disabled={pending} onClick={() => void flow.back()}>
            {t('back')}
          </Button>
        )}
        {onward}
      </Group>
    </>
  )
  return (
    <Stack gap="sm" ref={box}>
      {view.description !== undefined && <Text size="sm">{view.description}</Text>}
      {failure !== undefined && failure !== null && !pending && (
        <Alert color={error === null ? 'red' : 'orange'} role="alert">
          {/* Not counted down: it would be read out each second. */}
          {failure} {asked > 0 && t('wait', { seconds: asked })}
        </Alert>
      )}
      {children(wait, ways)}
    </Stack>
  )
}
