import { Button } from '@mantine/core'
import type { AttentionItem } from '../../client/index.ts'
import { type Repair, repairFor } from '../use-repair.ts'
import type { Texts } from './texts.ts'

/** Opens what mends an entry; nothing where nothing here does. */
export function RepairButton(props: {
  readonly item: AttentionItem
  readonly name: string
  readonly repair: Repair
  readonly texts: Texts
  readonly onRepair: (flowId: string) => void
}) {
  const { item, name, repair, texts, onRepair } = props
  if (item.flowId === null && repairFor(item.reason) === null) return null
  const moved = item.reason === 'address_changed'
  return (
    <Button
      size="xs"
      aria-label={moved ? texts.changeAddressOf(name) : texts.repairOf(name)}
      loading={repair.pending === item.entryId}
      onClick={async () => {
        const flowId = await repair.open(item)
        if (flowId !== null) onRepair(flowId)
      }}
    >
      {moved ? texts.changeAddress : texts.repair}
    </Button>
  )
}
