import type { EntryView, IntegrationItem } from '../../../src/client/index.ts'
import type { EntryDialog } from '../entry-dialog.ts'
import { navigate } from '../routes.ts'
import { DangerCard } from './danger-card.tsx'
import { DetailsCard } from './details-card.tsx'
import { DiagnosticsCard } from './diagnostics-card.tsx'
import { EntryNote } from './entry-note.tsx'
import { HistoryCard } from './history-card.tsx'
import { ItemCards } from './item-cards.tsx'

/** The number of history rows of the overview. */
const NEWEST = 5

/** The first tab: the state of the connection, its sub-entries, its newest history, and its details. */
export function Overview(props: {
  readonly entry: EntryView
  readonly integration: IntegrationItem | undefined
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entry, integration, onDialog } = props
  return (
    <div className="entry-columns">
      <div>
        <EntryNote entry={entry} docs={integration?.docs} onDialog={onDialog} />
        <ItemCards entry={entry} types={integration?.subentries ?? []} onDialog={onDialog} />
        <HistoryCard
          entryId={entry.entryId}
          entry={entry}
          newest={NEWEST}
          onAll={() => navigate({ tab: 'history' })}
        />
      </div>
      <div>
        <DetailsCard entry={entry} integration={integration} />
        <DiagnosticsCard entry={entry} />
        <DangerCard entry={entry} onDialog={onDialog} />
      </div>
    </div>
  )
}
