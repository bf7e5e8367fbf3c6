import { ActionIcon } from '@mantine/core'
import type { ComponentType, ReactNode } from 'react'
import { Icon } from './icon.tsx'
import { ServiceIcon } from './service-icon.tsx'
import type { FlowService } from './step-frame.tsx'

/** The head of a panel: the picture of the service, the title, and where the input goes. */
export function FlowHeading(props: {
  readonly domain: string
  readonly service: FlowService
  readonly title: string
  readonly sub: string
  readonly Title: ComponentType<{ className: string; children: ReactNode }>
  /** The button that closes the panel, if it has one. */
  readonly close?: { readonly label: string; readonly onClick: () => void } | undefined
}) {
  const { domain, service, title, sub, Title, close } = props
  return (
    <div className="lk-head">
      <ServiceIcon domain={domain} service={service.title} icon={service.icon} size={40} />
      <div className="lk-heading">
        <Title className="lk-title">{title}</Title>
        <div className="lk-sub">{sub}</div>
      </div>
      {close !== undefined && (
        <ActionIcon
          className="lk-close"
          variant="subtle"
          color="gray"
          size={36}
          aria-label={close.label}
          onClick={close.onClick}
        >
          <Icon name="close" />
        </ActionIcon>
      )}
    </div>
  )
}
