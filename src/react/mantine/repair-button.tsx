import { Button } from '@mantine/core'
import type { AttentionItem } from '../../client/index.ts'
import { type Repair, repairFor } from '../use-repair.ts'
import type { ComponentTexts } from './use-texts.ts'

/** A button that opens the repair of an entry. Renders nothing if no flow repairs it. */
export function RepairButton(props: {
  readonly item: AttentionItem
  readonly name: string
  readonly repair: Repair
  readonly texts: ComponentTexts
  readonly onRepair: (flowId: string) => void
}) {
  const { item, name, repair, onRepair } = props
  const { t } = props.texts
  if (item.flowId === null && repairFor(item.reason) === null) return null
  const moved = item.reason === 'address_changed'
  return (
    <Button
      size="xs"
      aria-label={t(moved ? 'changeAddressOf' : 'repairOf', { name })}
      loading={item.entryId !== null && repair.pending === item.entryId}
      onClick={async () => {
        const flowId = await repair.open(item)
        if (flowId !== null) onRepair(flowId)
      }}
    >
      {t(moved ? 'changeAddress' : 'repair')}
    </Button>
  )
}
