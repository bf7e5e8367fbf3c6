import { Icon } from '../../src/react/mantine/icon.tsx'
import { InBar } from './bar.tsx'
import { useLanguage } from './language.tsx'
import type { Route } from './route.ts'
import { hrefOf, navigate } from './routes.ts'

/** The link from a page back to the list. `change` closes the page. */
export function BackLink({ change }: { readonly change: Partial<Route> }) {
  const { t } = useLanguage()
  return (
    <InBar>
      <nav aria-label={t('title')}>
        <a
          className="back"
          href={hrefOf({})}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
            event.preventDefault()
            navigate(change)
          }}
        >
          <Icon name="back" className="lk-flip" />
          {t('title')}
        </a>
      </nav>
    </InBar>
  )
}
