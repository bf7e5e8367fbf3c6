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

/** The props of a step. */
export interface StepProps<Shown extends StepView> {
  readonly view: Shown
  readonly flow: FlowControls
  readonly texts: ComponentTexts
  readonly onCancel: () => void
}

/** Renders the content of a step. `wait` is the number of seconds until the next attempt is allowed. */
type StepContent = (wait: number, buttons: (primary?: ReactNode) => ReactNode) => ReactNode

/** Renders a step with its description, the last error and its buttons. */
export function StepFrame(props: StepProps<StepView> & { readonly children: StepContent }) {
  const { view, flow, texts, onCancel, children } = props
  const { pending, error } = flow
  const { t } = texts
  const base = view.errors.base
  const retryAfter =
    base?.retryAfter ?? (error instanceof ProblemError ? error.problem.retryAfter : undefined) ?? 0
  const wait = useCountdown(retryAfter, base?.retryAfter === undefined ? error : view)
  const failure = errorText(texts, error) ?? base?.text
  const box = useRef<HTMLDivElement>(null)
  // Mantine moves the focus only when the dialog opens, not for each step.
  useEffect(() => {
    if (!pending) box.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
  }, [pending])
  const buttons = (primary?: ReactNode) => (
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
        {primary}
      </Group>
    </>
  )
  return (
    <Stack gap="sm" ref={box}>
      {view.message !== undefined && (
        <Alert color="gray" role="note">
          {view.message}
        </Alert>
      )}
      {view.description !== undefined && <Text size="sm">{view.description}</Text>}
      {failure !== undefined && failure !== null && !pending && (
        <Alert color={error === null ? 'red' : 'orange'} role="alert">
          {/* Not a countdown: a screen reader would announce each second. */}
          {failure} {retryAfter > 0 && t('wait', { seconds: retryAfter })}
        </Alert>
      )}
      {children(wait, buttons)}
    </Stack>
  )
}
