'use client'
import type { ReactNode } from 'react'
import { FlowFrame, type FlowProps } from './flow-frame.tsx'

/**
 * A flow and its follow-up flows, without a dialog, for a page that shows only this flow.
 *
 * @example
 * ```tsx
 * import { FlowPanel } from 'latchkey/react/mantine'
 *
 * export function RepairPage({ flowId }: { flowId: string }) {
 *   return <FlowPanel flowId={flowId} onClose={() => history.back()} />
 * }
 * ```
 */
export function FlowPanel(props: FlowProps & { readonly flowId: string }) {
  return <FlowFrame key={props.flowId} {...props} Title={Title} Description={Description} />
}

const Title = (props: { readonly className: string; readonly children: ReactNode }) => <h2 {...props} />
const Description = ({ children }: { readonly children: ReactNode }) => <div>{children}</div>
