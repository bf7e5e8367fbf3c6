import { takeCallback } from './callback.ts'
import { LinkPage } from './link-page.tsx'
import { takeLink } from './repair-session.ts'
import { show } from './shell.tsx'

const callback = takeCallback()
void show(<LinkPage link={takeLink()} callback={callback} />)
