import { useSelected } from '../../src/react/client-state.ts'
import { useLatchkey } from '../../src/react/index.ts'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { useLostAt } from '../../src/react/mantine/use-lost-at.ts'
import { useNow } from '../../src/react/mantine/use-now.ts'
import { useLanguage } from './language.tsx'

/** A bar while Latchkey does not respond, after a second: a reconnect is often shorter. */
export function ConnectionBanner() {
  const { t, clock } = useLanguage()
  const { reconnect } = useLatchkey()
  const lostAt = useLostAt()
  const isLost = lostAt !== null
  return (
    <div className={isLost ? 'away' : undefined}>
      {isLost && <Icon name="offline" size={18} />}
      {/* The region is always present. The countdown is not part of it, or each second would be announced. */}
      <span role="status">{isLost && t('lost', { time: clock(lostAt) })}</span>
      {isLost && (
        <>
          <NextTry />
          <button type="button" className="away-try" onClick={reconnect}>
            {t('tryNow')}
          </button>
        </>
      )}
    </div>
  )
}

function NextTry() {
  const { t } = useLanguage()
  const retryAt = useSelected((state) => state.retryAt)
  const now = useNow()
  const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1000)
  return <span aria-hidden="true">{seconds > 0 && t('lostNext', { seconds })}</span>
}
