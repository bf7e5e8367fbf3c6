import { Button } from '@mantine/core'
import type { ExternalView } from '../../view.ts'
import { StepFrame, type StepProps } from './step-frame.tsx'

/** A step that a person does at the service itself: in this window, which comes back here. */
export function FlowExternal(props: StepProps<ExternalView>) {
  const { view, flow, texts } = props
  return (
    <StepFrame {...props}>
      {(wait) => (
        <Button
          component="a"
          href={view.url}
          rel="noreferrer"
          data-autofocus
          disabled={flow.pending || wait > 0}
        >
          {texts.goTo(view.placeholders.name ?? view.domain)}
        </Button>
      )}
    </StepFrame>
  )
}
