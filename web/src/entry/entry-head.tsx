import { Button } from '@mantine/core'
import type { RefObject } from 'react'
import type { EntryView } from '../../../src/client/index.ts'
import { useSelected } from '../../../src/react/client-state.ts'
import { useLatchkey } from '../../../src/react/index.ts'
import { ConnectionState } from '../../../src/react/mantine/connection-state.tsx'
import { Icon } from '../../../src/react/mantine/icon.tsx'
import { ServiceIcon } from '../../../src/react/mantine/service-icon.tsx'
import { InBar } from '../bar.tsx'
import type { EntryDialog } from '../entry-dialog.ts'
import { EntryMenu } from '../entry-menu.tsx'
import { useLanguage } from '../language.tsx'
import { useOpenFlow } from '../use-open-flow.ts'

/** The head of the page: picture, name, state, service and address, and the actions. */
export function EntryHead(props: {
  readonly entry: EntryView
  readonly icon: string | undefined
  readonly titleRef: RefObject<HTMLHeadingElement | null>
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entry, icon, titleRef, onDialog } = props
  const { entryId, title, domain, service = domain, address } = entry
  const { t } = useLanguage()
  const { entries } = useLatchkey()
  const open = useOpenFlow()
  const isOld = useSelected(({ connection }) => connection === 'lost')
  const where = [service === title ? undefined : service, address].filter(Boolean)
  return (
    <div className="entry-head">
      <ServiceIcon domain={domain} service={service} icon={icon} size={52} />
      <div className="entry-heading">
        <div className="entry-name">
          <h1 ref={titleRef} className="page-title" tabIndex={-1} style={{ margin: 0 }}>
            {title}
          </h1>
          <span className="entry-pill">
            <ConnectionState entry={entry} isOld={isOld} />
          </span>
        </div>
        {where.length > 0 && <div className="entry-where">{where.join(' · ')}</div>}
      </div>
      {!entry.disabled && (
        <Button
          className="entry-edit"
          variant="default"
          leftSection={<Icon name="settings" />}
          onClick={() => void open(() => entries.reconfigure(entryId))}
        >
          {t('reconfigure')}
        </Button>
      )}
      <InBar>
        <EntryMenu entryId={entryId} onDialog={onDialog} />
      </InBar>
    </div>
  )
}
