import { Button } from '@mantine/core'
import type { MenuView } from '../../view.ts'
import { Icon } from './icon.tsx'
import { ServiceIcon } from './service-icon.tsx'
import { StepFrame, type StepProps } from './step-frame.tsx'

const METHODS = {
  form: { glyph: 'key', text: 'methodForm' },
  code: { glyph: 'globe', text: 'methodBrowser' },
  device: { glyph: 'device', text: 'methodCode' },
} as const

/** A step with several options. The first one has the focus. */
export function FlowMenu(props: StepProps<MenuView>) {
  const { view, flow, texts, service } = props
  if (view.step === 'replace_confirm') return <ReplaceConfirm {...props} />
  const kindOf = (value: string) =>
    view.step === 'pick_method' ? service.methods?.find(({ name }) => name === value)?.kind : undefined
  return (
    <StepFrame {...props}>
      {(wait) => (
        <div className="lk-rows">
          {view.options.map(({ value, label }, index) => {
            const kind = kindOf(value)
            return (
              <button
                key={value}
                type="button"
                className="lk-row mantine-focus-auto"
                disabled={flow.pending || wait > 0}
                {...(index === 0 && { 'data-autofocus': true })}
                onClick={() => void flow.choose(value)}
              >
                {kind !== undefined && <Icon name={METHODS[kind].glyph} size={20} />}
                <span className="lk-grow">
                  <b>{label}</b>
                  {kind !== undefined && <small>{texts.t(METHODS[kind].text)}</small>}
                </span>
                <Icon name="chevronRight" size={16} className="lk-flip" />
              </button>
            )
          })}
        </div>
      )}
    </StepFrame>
  )
}

/** The confirmation that another account replaces the current one. */
function ReplaceConfirm(props: StepProps<MenuView>) {
  const { view, flow, texts, service } = props
  const { t } = texts
  const labelOf = (choice: string) => view.options.find(({ value }) => value === choice)?.label
  const accounts = [
    { when: t('now'), name: view.placeholders.name },
    { when: t('afterSwitch'), name: view.placeholders.account },
  ]
  return (
    <StepFrame
      {...props}
      foot={(wait) => (
        <div className="lk-foot">
          <Button
            variant="default"
            data-autofocus
            disabled={flow.pending}
            onClick={() => void flow.choose('cancel')}
          >
            {labelOf('cancel') ?? t('cancel')}
          </Button>
          <Button
            color="red"
            disabled={wait > 0}
            loading={flow.pending}
            onClick={() => void flow.choose('replace')}
          >
            {labelOf('replace')}
          </Button>
        </div>
      )}
    >
      {() => (
        <div className="lk-card">
          {accounts.map(({ when, name }) => (
            <div key={when} className="lk-who">
              <ServiceIcon domain={view.domain} service={service.title} icon={service.icon} size={32} />
              <div className="lk-grow">
                <small>{when}</small>
                <b>{name}</b>
              </div>
            </div>
          ))}
        </div>
      )}
    </StepFrame>
  )
}
