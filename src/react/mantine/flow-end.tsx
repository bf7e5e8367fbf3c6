import { Alert, Button, Group, Stack } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { AbortView, CreateEntryView } from '../../view.ts'
import type { Texts } from './texts.ts'

/** How a flow ended, and whether it did what it was for. */
export function FlowEnd(props: {
  readonly view: AbortView | CreateEntryView
  readonly name: string
  readonly texts: Texts
  readonly onClose: () => void
  /** Leads on to the flow that follows, where one does. */
  readonly onGoOn: (flowId: string) => void
}) {
  const { view, name, texts, onGoOn } = props
  const { nextFlow } = view
  const main = useRef<HTMLButtonElement>(null)
  useEffect(() => main.current?.focus(), [])
  // The end of a flow keeps nothing of its entry: what that is called is known here.
  const text = view.type === 'create_entry' ? texts.created(name) : view.text
  return (
    <Stack>
      <Alert color={view.success ? 'green' : 'red'} role={view.success ? 'status' : 'alert'}>
        {text}
      </Alert>
      <Group justify="flex-end">
        {nextFlow === undefined ? (
          <Button ref={main} data-autofocus onClick={props.onClose}>
            {texts.close}
          </Button>
        ) : (
          <>
            <Button variant="default" onClick={props.onClose}>
              {texts.close}
            </Button>
            <Button ref={main} data-autofocus onClick={() => onGoOn(nextFlow.flowId)}>
              {texts.goOn}
            </Button>
          </>
        )}
      </Group>
    </Stack>
  )
}
