import { Alert, Button, Group, Stack } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { AbortView, CreateEntryView } from '../../view.ts'
import { useSelected } from '../client-state.ts'
import { repairFor, useRepair } from '../use-repair.ts'
import type { ComponentTexts } from './use-texts.ts'

/** What leads on from an end: the flow that follows it, or another try of a repair that is still needed. */
function useWayOn(view: AbortView | CreateEntryView, { t }: ComponentTexts) {
  const repair = useRepair()
  const need = useSelected(({ attention }) =>
    view.success || view.entryId === null ? undefined : attention.get(view.entryId),
  )
  const { nextFlow } = view
  if (nextFlow !== undefined) return { label: t('goOn'), busy: false, open: async () => nextFlow.flowId }
  if (need === undefined || repairFor(need.reason) === null) return null
  // What has just ended may still count as the flow that mends it.
  const flowId = need.flowId === view.flowId ? null : need.flowId
  const open = () => repair.open({ ...need, flowId })
  return { label: t('again'), busy: repair.pending !== null, open }
}

/** How a flow ended, and whether it did what it was for. */
export function FlowEnd(props: {
  readonly view: AbortView | CreateEntryView
  readonly name: string
  readonly texts: ComponentTexts
  readonly onClose: () => void
  /** Leads on to another flow. */
  readonly onGoOn: (flowId: string) => void
}) {
  const { view, name, texts, onGoOn } = props
  const { t } = texts
  const on = useWayOn(view, texts)
  const main = useRef<HTMLButtonElement>(null)
  useEffect(() => main.current?.focus(), [])
  const goOn = (flowId: string | null): void => {
    if (flowId !== null) onGoOn(flowId)
  }
  // The end of a flow keeps nothing of its entry: what that is called is known here.
  const isNewEntry = view.type === 'create_entry' && view.subentry === undefined
  const text = isNewEntry ? t('created', { name }) : view.text
  return (
    <Stack>
      <Alert color={view.success ? 'green' : 'red'} role={view.success ? 'status' : 'alert'}>
        {text}
      </Alert>
      <Group justify="flex-end">
        {on === null ? (
          <Button ref={main} data-autofocus onClick={props.onClose}>
            {t('close')}
          </Button>
        ) : (
          <>
            <Button variant="default" onClick={props.onClose}>
              {t('close')}
            </Button>
            <Button ref={main} data-autofocus loading={on.busy} onClick={() => void on.open().then(goOn)}>
              {on.label}
            </Button>
          </>
        )}
      </Group>
    </Stack>
  )
}
