import { Alert, Button, Group, Stack } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { AbortView, CreateEntryView } from '../../view.ts'
import { useSelected } from '../client-state.ts'
import { repairFor, useRepair } from '../use-repair.ts'
import type { ComponentTexts } from './use-texts.ts'

/** The next action after a result: the follow-up flow, or another attempt at a repair. */
function useNextAction(view: AbortView | CreateEntryView, { t }: ComponentTexts) {
  const repair = useRepair()
  const item = useSelected(({ attention }) =>
    view.success || view.entryId === null ? undefined : attention.get(view.entryId),
  )
  const { nextFlow } = view
  if (nextFlow !== undefined) return { label: t('goOn'), busy: false, open: async () => nextFlow.flowId }
  if (item === undefined || repairFor(item.reason) === null) return null
  // The attention item may still name the flow that has just ended.
  const flowId = item.flowId === view.flowId ? null : item.flowId
  const open = () => repair.open({ ...item, flowId })
  return { label: t('again'), busy: repair.pending !== null, open }
}

/** The result of a flow. */
export function FlowEnd(props: {
  readonly view: AbortView | CreateEntryView
  readonly name: string
  readonly texts: ComponentTexts
  readonly onClose: () => void
  /** Called with the flow to show next. */
  readonly onGoOn: (flowId: string) => void
}) {
  const { view, name, texts, onGoOn } = props
  const { t } = texts
  const next = useNextAction(view, texts)
  const main = useRef<HTMLButtonElement>(null)
  useEffect(() => main.current?.focus(), [])
  const goOn = (flowId: string | null): void => {
    if (flowId !== null) onGoOn(flowId)
  }
  // The view of a result has no name of its entry, the dialog does.
  const isNewEntry = view.type === 'create_entry' && view.subentry === undefined
  const text = isNewEntry ? t('created', { name }) : view.text
  return (
    <Stack>
      <Alert color={view.success ? 'green' : 'red'} role={view.success ? 'status' : 'alert'}>
        {text}
      </Alert>
      <Group justify="flex-end">
        {next === null ? (
          <Button ref={main} data-autofocus onClick={props.onClose}>
            {t('close')}
          </Button>
        ) : (
          <>
            <Button variant="default" onClick={props.onClose}>
              {t('close')}
            </Button>
            <Button ref={main} data-autofocus loading={next.busy} onClick={() => void next.open().then(goOn)}>
              {next.label}
            </Button>
          </>
        )}
      </Group>
    </Stack>
  )
}
