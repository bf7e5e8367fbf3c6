import { Button } from '@mantine/core'
import type { EntryView } from '../../../src/client/index.ts'
import { useLatchkey } from '../../../src/react/index.ts'
import { useEntryActions } from '../entry-actions.ts'
import type { EntryDialog } from '../entry-dialog.ts'
import { useLanguage } from '../language.tsx'
import { useOpenFlow } from '../use-open-flow.ts'

/** The actions that stop a connection or change its account. */
export function DangerCard(props: {
  readonly entry: EntryView
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entry, onDialog } = props
  const { entryId, title, disabled } = entry
  const { t } = useLanguage()
  const { entries } = useLatchkey()
  const actions = useEntryActions()
  const open = useOpenFlow()
  return (
    <section className="card last" aria-label={t('danger')}>
      <div className="card-head tight">
        <h2>{t('danger')}</h2>
      </div>
      <div className="card-body">
        <div className="danger-row">
          <span className="danger-text">{t(disabled ? 'enableText' : 'disableText')}</span>
          <Button
            size="xs"
            variant="default"
            onClick={() => void (disabled ? actions.enable(entry) : actions.disable(entry))}
          >
            {t(disabled ? 'enable' : 'disable')}
          </Button>
        </div>
        {!disabled && (
          <div className="danger-row">
            <span className="danger-text">{t('replaceText')}</span>
            <Button size="xs" variant="default" onClick={() => void open(() => entries.replace(entryId))}>
              {t('replace')}
            </Button>
          </div>
        )}
        <div className="danger-row">
          <span className="danger-text">{t('removeShort')}</span>
          <Button
            size="xs"
            variant="default"
            className="danger"
            style={{ borderColor: 'var(--lk-bad-line)', background: 'transparent' }}
            onClick={() => onDialog({ type: 'remove', entryId, title })}
          >
            {t('remove')}
          </Button>
        </div>
      </div>
    </section>
  )
}
