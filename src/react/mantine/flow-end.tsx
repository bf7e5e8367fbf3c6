import { Alert, Button, Group, Stack } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { EntryView } from '../../client/index.ts'
import type { AbortView, CreateEntryView } from '../../view.ts'
import { codeText, type Texts } from './texts.ts'

/** How a flow ended, and whether it did what it was for. */
export function FlowEnd(props: {
  readonly view: AbortView | CreateEntryView
  readonly name: string
  readonly texts: Texts
  readonly onClose: () => void
}) {
  const { view, name, texts } = props
  const close = useRef<HTMLButtonElement>(null)
  useEffect(() => close.current?.focus(), [])
  const text = view.type === 'create_entry' ? texts.created(name) : codeText(texts, view.reason, view.text)
  const state = view.type === 'abort' && view.success ? view.entryState : undefined
  const stands = state === undefined || state === 'loaded' ? '' : texts.states[state as EntryView['state']]
  return (
    <Stack>
      <Alert color={view.success ? 'green' : 'red'} role={view.success ? 'status' : 'alert'}>
        {text} {stands && texts.notRunning(stands)}
      </Alert>
      <Group justify="flex-end">
        <Button ref={close} data-autofocus onClick={props.onClose}>
          {texts.close}
        </Button>
      </Group>
    </Stack>
  )
}
