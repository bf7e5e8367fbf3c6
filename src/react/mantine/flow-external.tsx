import { Button } from '@mantine/core'
import type { ExternalView } from '../../view.ts'
import { Icon } from './icon.tsx'
import { StepFrame, type StepProps } from './step-frame.tsx'

/** A sign-in at the service, in this window. The service redirects back to this page. */
export function FlowExternal(props: StepProps<ExternalView>) {
  const { view, flow, texts, service } = props
  const { t } = texts
  const go = async (): Promise<void> => {
    const address = await flow.signIn()
    if (address !== null) location.assign(address)
  }
  return (
    <StepFrame {...props}>
      {(wait) => (
        <>
          <Button
            data-autofocus
            fullWidth
            size="md"
            rightSection={<Icon name="outside" size={16} className="lk-flip" />}
            loading={flow.pending}
            disabled={wait > 0}
            onClick={() => void go()}
          >
            {wait > 0 ? t('wait', { seconds: wait }) : t('goTo', { service: service.title })}
          </Button>
          {view.host !== undefined && (
            <div className="lk-opens lk-muted">
              <Icon name="lock" size={14} />
              {t('goToHost', { host: view.host })}
            </div>
          )}
        </>
      )}
    </StepFrame>
  )
}
