import { Button } from '@mantine/core'
import { useSelected } from '../../src/react/client-state.ts'
import { useLatchkey } from '../../src/react/index.ts'
import { useLostAt } from '../../src/react/mantine/use-lost-at.ts'
import { useLanguage } from './language.tsx'

/** An error if the connections could not be loaded. Renders nothing once some are known. */
export function LoadFailed() {
  const { t } = useLanguage()
  const { reconnect } = useLatchkey()
  const lostAt = useLostAt()
  const isEmpty = useSelected(({ entries, counts }) => entries.size === 0 && counts === null)
  const error = useSelected((state) => state.error)
  if (lostAt === null || !isEmpty) return null
  return (
    <section className="card empty" aria-labelledby="failed-title">
      <h2 id="failed-title">{t('loadFailed')}</h2>
      <p>{t('loadFailedText')}</p>
      <div className="empty-actions">
        <Button onClick={reconnect}>{t('again')}</Button>
      </div>
      {error !== null && (
        <details>
          <summary>{t('details')}</summary>
          <code>
            {error.status} {error.code}
          </code>
        </details>
      )}
    </section>
  )
}
