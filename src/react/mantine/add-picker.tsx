'use client'
import { Modal } from '@mantine/core'
import { lazy, type ReactNode, Suspense, useRef } from 'react'
import { useSelected } from '../client-state.ts'
import { useLatchkey } from '../provider.ts'
import { FlowFrame, type FlowProps } from './flow-frame.tsx'
import { flowStyles } from './flow-styles.ts'
import { pickerStyles } from './picker-styles.ts'
import { Styles } from './styles.tsx'
import { useReturnFocus } from './use-return-focus.ts'
import { useTexts } from './use-texts.ts'

/** The number of integrations from which the dialog has its full height. */
const MANY = 8

const PickerBody = lazy(() => import('./picker-body.tsx'))

/**
 * A dialog to pick an integration and add an entry of it. The flow of the pick is shown in the same dialog.
 *
 * @example
 * ```tsx
 * import { AddPicker } from 'latchkey/react/mantine'
 * import { useState } from 'react'
 *
 * export function AddButton() {
 *   const [opened, setOpened] = useState(false)
 *   const [flowId, setFlowId] = useState<string | null>(null)
 *   const close = () => {
 *     setOpened(false)
 *     setFlowId(null)
 *   }
 *   return (
 *     <>
 *       <button onClick={() => setOpened(true)}>Add connection</button>
 *       <AddPicker opened={opened} onClose={close} flowId={flowId} onFlow={setFlowId} />
 *     </>
 *   )
 * }
 * ```
 */
export function AddPicker(
  props: Omit<FlowProps, 'onBack'> & {
    readonly opened: boolean
    /** The flow of the pick. While it is null, the dialog shows the integrations. */
    readonly flowId: string | null
    readonly onFlow: (flowId: string | null) => void
    /** The page that explains how to write an integration. */
    readonly writeUrl?: string
  },
) {
  const { opened, flowId, onFlow, onClose, writeUrl } = props
  const texts = useTexts(props.texts)
  const { flows, getState } = useLatchkey()
  const integrations = useSelected((state) => state.integrations)
  const leave = useRef(onClose)
  useReturnFocus(opened)
  if (flowId === null) leave.current = onClose
  const back = (): void => {
    // All users see a discovery, and another user may work on a flow that this one has only joined.
    const isSetup = flowId !== null && getState().flows.get(flowId)?.source === 'user'
    if (isSetup && flows.isOwn(flowId)) void flows.cancel(flowId).catch(() => {})
    onFlow(null)
  }
  const frame = integrations !== null && integrations.length < MANY ? 'lk-pick lk-pick-few' : 'lk-pick'
  const look = flowId === null ? 'lk-pick-dialog' : 'lk-dialog'
  const inner = flowId === null ? 'lk-pick-inner' : 'lk-inner'
  return (
    <Modal.Root
      opened={opened}
      onClose={() => leave.current()}
      size={flowId === null ? 800 : 480}
      closeOnClickOutside={false}
      // The content disappears when the dialog closes.
      transitionProps={{ exitDuration: 0 }}
    >
      <Modal.Overlay />
      <Modal.Content radius={16} classNames={{ content: look, inner }}>
        <Styles name="flow" css={flowStyles} />
        <Styles name="picker" css={pickerStyles} />
        {opened && flowId === null && (
          <Suspense fallback={<div className={frame} />}>
            <PickerBody
              className={frame}
              texts={texts}
              Title={Modal.Title}
              writeUrl={writeUrl}
              onFlow={onFlow}
              onShow={props.onShow}
              onClose={onClose}
            />
          </Suspense>
        )}
        {opened && flowId !== null && (
          <FlowFrame
            key={flowId}
            {...props}
            flowId={flowId}
            onBack={back}
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
