import { Button } from '@mantine/core'
import type { EntryView } from '../../../src/client/index.ts'
import { Icon } from '../../../src/react/mantine/icon.tsx'
import { useLanguage } from '../language.tsx'
import { useDiagnostics } from '../use-diagnostics.ts'

/** Downloads the diagnostics of a connection. */
export function DiagnosticsCard({ entry }: { readonly entry: EntryView }) {
  const { t } = useLanguage()
  const save = useDiagnostics()
  return (
    <section className="card" aria-label={t('diagnostics')}>
      <div className="card-head tight">
        <h2>{t('diagnostics')}</h2>
      </div>
      <div className="card-body">
        <p className="muted" style={{ margin: '0 0 12px' }}>
          {t('diagnosticsText')}
        </p>
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="download" />}
          onClick={() => void save(entry.entryId)}
        >
          {t('diagnosticsGet')}
        </Button>
      </div>
    </section>
  )
}
