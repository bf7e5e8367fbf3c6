import { Button } from '@mantine/core'
import type { ExternalView } from '../../view.ts'
import { StepFrame, type StepProps } from './step-frame.tsx'

/** A step that a person does at the service itself: in this window, which comes back here. */
export function FlowExternal(props: StepProps<ExternalView>) {
  const { view, flow, texts } = props
  const go = async (): Promise<void> => {
    const address = await flow.signIn()
    if (address !== null) location.assign(address)
  }
  return (
    <StepFrame {...props}>
      {(wait, ways) => (
        <>
          <Button data-autofocus disabled={flow.pending || wait > 0} onClick={() => void go()}>
            {texts.t('goTo', { name: view.placeholders.name ?? view.domain })}
          </Button>
          {ways()}
        </>
      )}
    </StepFrame>
  )
}
