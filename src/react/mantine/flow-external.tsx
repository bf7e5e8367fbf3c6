import { Button } from '@mantine/core'
import type { ExternalView } from '../../view.ts'
import { StepFrame, type StepProps } from './step-frame.tsx'

/** A sign-in at the service, in this window. The service redirects back to this page. */
export function FlowExternal(props: StepProps<ExternalView>) {
  const { view, flow, texts } = props
  const go = async (): Promise<void> => {
    const address = await flow.signIn()
    if (address !== null) location.assign(address)
  }
  return (
    <StepFrame {...props}>
      {(wait, buttons) => (
        <>
          <Button data-autofocus disabled={flow.pending || wait > 0} onClick={() => void go()}>
            {texts.t('goTo', { service: view.placeholders.name ?? view.domain })}
          </Button>
          {buttons()}
        </>
      )}
    </StepFrame>
  )
}
