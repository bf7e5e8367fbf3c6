import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { ProblemError } from '../../client/index.ts'
import type { DeviceView, ExternalView, MenuView } from '../../view.ts'
import type { FlowControls } from '../use-flow.ts'
import { errorText } from './error-text.ts'
import type { Texts } from './texts.ts'
import { useCountdown } from './use-time.ts'
import { Working } from './working.tsx'

/** What a step without fields shows, and where its buttons lead. */
export interface StepProps<Shown extends MenuView | ExternalView | DeviceView> {
  readonly view: Shown
  readonly flow: FlowControls
  readonly texts: Texts
  readonly onCancel: () => void
}

/** Around a step without fields: what it is about, what went wrong before, and the ways out. */
export function StepFrame(
  props: StepProps<MenuView | ExternalView | DeviceView> & { readonly children: (wait: number) => ReactNode },
) {
  const { view, flow, texts, onCancel, children } = props
  const { pending, error } = flow
  const base = view.errors.base
  const asked = base?.retryAfter ?? (error instanceof ProblemError ? error.problem.retryAfter : undefined)
  const wait = useCountdown(asked ?? 0, base?.retryAfter === undefined ? error : view)
  const failure = errorText(texts, error) ?? base?.text
  const box = useRef<HTMLDivElement>(null)
  // In a dialog that is open already, each new step takes the focus itself.
  useEffect(() => {
    if (!pending) box.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
  }, [pending])
  return (
    <Stack gap="sm" ref={box}>
      {view.description !== undefined && <Text size="sm">{view.description}</Text>}
      {failure !== undefined && failure !== null && !pending && (
        <Alert color={error === null ? 'red' : 'orange'} role="alert">
          {failure} {wait > 0 && texts.wait(wait)}
        </Alert>
      )}
      {children(wait)}
      <Working active={pending} text={texts.working} />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onCancel}>
          {texts.cancel}
        </Button>
        {view.mayGoBack && (
          <Button variant="default" disabled={pending} onClick={() => void flow.back()}>
            {texts.back}
          </Button>
        )}
      </Group>
    </Stack>
  )
}
