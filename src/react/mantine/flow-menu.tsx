import { Button, Stack } from '@mantine/core'
import type { MenuView } from '../../view.ts'
import { StepFrame, type StepProps } from './step-frame.tsx'

/** A step that asks a person to choose; the first choice has the focus. */
export function FlowMenu(props: StepProps<MenuView>) {
  const { view, flow } = props
  return (
    <StepFrame {...props}>
      {(wait, ways) => (
        <>
          <Stack gap="xs">
            {view.options.map(({ value, label }, index) => (
              <Button
                key={value}
                variant="default"
                justify="flex-start"
                // What there is to choose is read whole.
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
          {ways()}
        </>
      )}
    </StepFrame>
  )
}
