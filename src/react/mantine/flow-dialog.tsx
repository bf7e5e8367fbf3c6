'use client'
import { Modal } from '@mantine/core'
import { type ReactNode, useRef } from 'react'
import { FlowFrame, type FlowProps } from './flow-frame.tsx'
import { useReturnFocus } from './use-return-focus.ts'

/**
 * A dialog for a flow and its follow-up flows. It is open while `flowId` is not null. On a phone, it is a sheet at the
 * bottom.
 *
 * @example
 * ```tsx
 * import { useLatchkey } from 'latchkey/react'
 * import { FlowDialog } from 'latchkey/react/mantine'
 * import { useState } from 'react'
 *
 * export function AddButton({ domain }: { domain: string }) {
 *   const { flows } = useLatchkey()
 *   const [flowId, setFlowId] = useState<string | null>(null)
 *   const [done, setDone] = useState('')
 *   const add = async () => setFlowId((await flows.start({ source: 'user', domain })).flowId)
 *   return (
 *     <>
 *       <button onClick={add}>Add</button>
 *       <p role="status">{done}</p>
 *       <FlowDialog flowId={flowId} onClose={() => setFlowId(null)} onDone={({ text }) => setDone(text)} />
 *     </>
 *   )
 * }
 * ```
 */
export function FlowDialog(props: FlowProps & { readonly flowId: string | null }) {
  const { flowId, onClose } = props
  const leave = useRef(onClose)
  useReturnFocus(flowId !== null)
  return (
    <Modal.Root
      opened={flowId !== null}
      onClose={() => leave.current()}
      size={480}
      closeOnClickOutside={false}
      // The content disappears when the dialog closes.
      transitionProps={{ exitDuration: 0 }}
    >
      <Modal.Overlay />
      <Modal.Content classNames={{ content: 'lk-dialog', inner: 'lk-inner' }}>
        {flowId !== null && (
          <FlowFrame
            key={flowId}
            {...props}
            flowId={flowId}
            Title={Modal.Title}
            Description={Description}
            leaveRef={leave}
          />
        )}
      </Modal.Content>
    </Modal.Root>
  )
}

const Description = ({ children }: { readonly children: ReactNode }) => (
  <Modal.Body p={0}>{children}</Modal.Body>
)
