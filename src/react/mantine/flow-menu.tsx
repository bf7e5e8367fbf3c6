import { Button, Stack } from '@mantine/core'
import type { MenuView } from '../../view.ts'
import { StepFrame, type StepProps } from './step-frame.tsx'

/** A step with several options. The first one has the focus. */
export function FlowMenu(props: StepProps<MenuView>) {
  const { view, flow } = props
  return (
    <StepFrame {...props}>
      {(wait, buttons) => (
        <>
          <Stack gap="xs">
            {view.options.map(({ value, label }, index) => (
              <Button
                key={value}
                variant="default"
                justify="flex-start"
                // Long options wrap instead of being cut off.
                h="auto"
                py="xs"
                styles={{ label: { whiteSpace: 'normal', textAlign: 'start', lineHeight: 1.4 } }}
                disabled={flow.pending || wait > 0}
                {...(index === 0 && { 'data-autofocus': true })}
                onClick={() => void flow.choose(value)}
              >
                {label}
              </Button>
            ))}
          </Stack>
          {buttons()}
        </>
      )}
    </StepFrame>
  )
}
