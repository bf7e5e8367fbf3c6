import { LinkPage } from './link-page.tsx'
import { takeLink } from './repair-session.ts'
import { show } from './shell.tsx'

show(<LinkPage link={takeLink()} />)
