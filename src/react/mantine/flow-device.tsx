import { Anchor, Button, Code, Group, Stack, Text } from '@mantine/core'
import { useEffect } from 'react'
import type { DeviceView } from '../../view.ts'
import { StepFrame, type StepProps } from './step-frame.tsx'
import { useCountdown } from './use-time.ts'
import { Working } from './working.tsx'

/** A step that waits until the user enters a code on another device. Polls while it is shown. */
export function FlowDevice(props: StepProps<DeviceView>) {
  const { view, flow } = props
  const { t } = props.texts
  const { userCode, verificationUri, verificationUriComplete, interval, expiresAt } = view
  const isStuck = Object.keys(view.errors).length > 0
  const { poll } = flow
  useEffect(() => {
    if (isStuck) return
    let timer: ReturnType<typeof setTimeout>
    const pollAgain = (): void => {
      // Also after a failure: the next poll may succeed.
      void poll().then(() => {
        timer = setTimeout(pollAgain, Math.max(interval, 1_000))
      })
    }
    timer = setTimeout(pollAgain, interval)
    return () => clearTimeout(timer)
  }, [poll, interval, isStuck])
  const left = useCountdown(expiresAt === null ? 0 : Math.max(0, (expiresAt - Date.now()) / 1000), view)
  return (
    <StepFrame {...props}>
      {(_, buttons) => (
        <>
          <Stack gap="xs" align="flex-start">
            {isStuck && (
              <Button data-autofocus onClick={() => void poll()}>
                {t('again')}
              </Button>
            )}
            {userCode !== undefined && (
              <>
                <Anchor href={verificationUriComplete ?? verificationUri} target="_blank" rel="noreferrer">
                  {verificationUri}
                </Anchor>
                <Code fz="xl" data-testid="user-code">
                  {userCode}
                </Code>
                <Group gap="xs">
                  <Text size="sm">{t('codeEnds', { time: minutesOf(left) })}</Text>
                </Group>
              </>
            )}
            <Working active={!isStuck} text={view.text} />
          </Stack>
          {buttons()}
        </>
      )}
    </StepFrame>
  )
}

/** Formats seconds as `9:05`. */
const minutesOf = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
