import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { createClient, type LatchkeyClient, type OpenedLink, ProblemError } from '../../src/client/index.ts'
import { useFlow, useLatchkey } from '../../src/react/index.ts'
import { isAway } from '../../src/react/mantine/error-text.ts'
import { FlowPanel } from '../../src/react/mantine/flow-panel.tsx'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { ServiceIcon } from '../../src/react/mantine/service-icon.tsx'
import { componentTexts } from '../../src/react/mantine/use-texts.ts'
import { Working } from '../../src/react/mantine/working.tsx'
import type { Callback } from './callback.ts'
import { ClientProvider } from './client-provider.tsx'
import { firstLanguage, useLanguage } from './language.tsx'
import { Mark } from './mark.tsx'
import { type Repair, storeRepair } from './repair-session.ts'
import { serverUrl } from './token.ts'
import { Preferences } from './top-bar.tsx'
import './dialogs.css'
import './link.css'

type PageBrand = Awaited<ReturnType<LatchkeyClient['page']>>

/** A client for requests before the link is open. */
const guest = createClient({ url: serverUrl(), token: () => '', language: firstLanguage(), events: false })

/** The page of a repair link. It shows only the form of one repair. */
export function LinkPage(props: { readonly link: Repair | null; readonly callback: Callback | null }) {
  const { link, callback } = props
  const brand = useBrand()
  const { repair, error, again } = useLink(link)
  return (
    <div className="link-page">
      <header className="link-top">
        {brand?.name === undefined ? <Mark size={26} /> : <BrandIcon brand={brand} size={26} />}
        <span className="top-name">{brand?.name ?? 'Latchkey'}</span>
        <Preferences />
      </header>
      <main>
        {link === null || error !== null ? (
          <Broken error={error} isElsewhere={link === null && callback !== null} onAgain={again} />
        ) : repair === null || brand === null ? (
          <Card>
            <Opening />
          </Card>
        ) : (
          <Opened repair={repair} brand={brand} callback={callback} />
        )}
        <div id="menus" />
      </main>
      <Secured />
    </div>
  )
}

/** The name and the picture of the host. Null until they are known. */
function useBrand(): PageBrand | null {
  const [brand, setBrand] = useState<PageBrand | null>(null)
  useEffect(() => {
    let left = false
    const settle = (found: PageBrand): void => {
      if (!left) setBrand(found)
    }
    guest.page().then(settle, () => settle({}))
    return () => {
      left = true
    }
  }, [])
  return brand
}

/** Opens a link, or uses the session that it was exchanged for. */
function useLink(link: Repair | null) {
  const [repair, setRepair] = useState(link !== null && 'session' in link ? link : null)
  const [error, setError] = useState<unknown>(null)
  const [tries, setTries] = useState(0)
  const linkToken = link !== null && 'linkToken' in link ? link.linkToken : null
  useEffect(() => {
    if (linkToken === null) return
    let left = false
    setError(null)
    guest.openLink(linkToken).then(
      (found) => {
        if (left) return
        storeRepair(found)
        setRepair(found)
      },
      (failure) => left || setError(failure),
    )
    return () => {
      left = true
    }
    // Another try opens the link again.
  }, [linkToken, tries])
  return { repair, error, again: () => setTries(tries + 1) }
}

function Opening() {
  const { t } = useLanguage()
  return (
    <div className="link-body" style={{ minHeight: 240 }}>
      <Working active text={t('linkOpening')} />
    </div>
  )
}

/** The link has ended, or cannot be opened now. */
function Broken(props: {
  readonly error: unknown
  /** Whether the user returns from a sign-in that another window has started. */
  readonly isElsewhere: boolean
  readonly onAgain: () => void
}) {
  const { error, isElsewhere, onAgain } = props
  const { t, language } = useLanguage()
  const isAway = error !== null && !(error instanceof ProblemError && error.status < 500)
  // The server does not know a damaged link.
  const isDamaged = error instanceof ProblemError ? error.status === 401 : !isElsewhere
  const title = t(isAway ? 'loadFailed' : isDamaged ? 'linkDamaged' : 'linkBroken')
  useDocumentTitle(title)
  return (
    <Card>
      <div className="link-head" role="alert">
        <h1>{title}</h1>
        <p>
          {isElsewhere
            ? t('elsewhere')
            : isAway
              ? componentTexts(language).t('notResponding')
              : t(isDamaged ? 'linkDamagedText' : 'linkBrokenText')}
        </p>
        {isAway && (
          <Button mt="md" onClick={onAgain}>
            {t('again')}
          </Button>
        )}
      </div>
    </Card>
  )
}

function Opened(props: {
  readonly repair: OpenedLink
  readonly brand: PageBrand
  readonly callback: Callback | null
}) {
  const { repair } = props
  const client = useMemo(() => {
    const { session } = repair
    return createClient({
      url: serverUrl(),
      token: () => session,
      language: firstLanguage(),
      // A session may not read the stream.
      events: false,
    })
  }, [repair])
  return (
    <ClientProvider client={client}>
      <RepairCard {...props} />
    </ClientProvider>
  )
}

function RepairCard(props: {
  readonly repair: OpenedLink
  readonly brand: PageBrand
  readonly callback: Callback | null
}) {
  const { repair, brand } = props
  const { entryId, title: name, domain } = repair.entry
  const { t, language, codeText } = useLanguage()
  const { entries } = useLatchkey()
  const [callback, setCallback] = useState(props.callback)
  const [flowId, setFlowId] = useState(repair.flow.flowId)
  const [step, setStep] = useState<'open' | 'closed' | 'away' | 'done'>('open')
  const { view } = useFlow(flowId)
  const service = repair.service ?? { title: repair.flow.service ?? domain }
  const address = view?.address ?? repair.flow.address
  const isDone = step === 'done' || (view?.type === 'abort' && view.success)
  useDocumentTitle(t(isDone ? 'linkConnected' : 'linkTitle', { name }))
  if (isDone) return <Done name={name} domain={domain} service={service} />
  const goOn = async (): Promise<void> => {
    try {
      setFlowId((await entries.reauth(entryId)).flowId)
    } catch (error) {
      if (isAway(error)) return setStep('away')
    }
    setStep('open')
  }
  return (
    <Card>
      <div className="link-head">
        <div className="link-icons" aria-hidden="true">
          {brand.name !== undefined && (
            <>
              <BrandIcon brand={brand} size={52} />
              <span className="link-dots" />
            </>
          )}
          <ServiceIcon domain={domain} service={service.title} icon={service.icon} size={52} />
        </div>
        <h1>{t('linkTitle', { name })}</h1>
        <p>{t('linkIntro', { host: brand.name ?? 'none', service: service.title })}</p>
      </div>
      {step === 'open' ? (
        <div className="link-flow">
          <FlowPanel
            isEmbedded
            flowId={flowId}
            service={service}
            notice={callback === null ? undefined : codeText(callback)}
            onDone={() => setStep('done')}
            onClose={() => {
              setCallback(null)
              setStep((now) => (now === 'done' ? now : 'closed'))
            }}
          />
          {address !== undefined && <p className="link-where">{t('linkSentTo', { address })}</p>}
        </div>
      ) : (
        <div className="link-body" role="status">
          <p>{step === 'away' ? componentTexts(language).t('notResponding') : t('linkClosed')}</p>
          <Button fullWidth onClick={() => void goOn()}>
            {t('linkAgain')}
          </Button>
        </div>
      )}
      <div className="link-safe">
        <Icon name="lock" />
        <span>{t('linkSafe', { until: untilOf(repair.expiresAt, language) })}</span>
      </div>
    </Card>
  )
}

function Done(props: {
  readonly name: string
  readonly domain: string
  readonly service: NonNullable<OpenedLink['service']>
}) {
  const { name, domain, service } = props
  const { t } = useLanguage()
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus(), [])
  return (
    <Card>
      <div className="link-head link-done" role="status">
        <div className="link-check">
          <ServiceIcon domain={domain} service={service.title} icon={service.icon} size={64} />
          <span>
            <Icon name="check" />
          </span>
        </div>
        <h1 ref={title} tabIndex={-1}>
          {t('linkConnected', { name })}
        </h1>
        <p>{t('linkDone')}</p>
      </div>
    </Card>
  )
}

const Card = ({ children }: { readonly children: ReactNode }) => <div className="link-card">{children}</div>

function BrandIcon({ brand, size }: { readonly brand: PageBrand; readonly size: number }) {
  const { name = '', icon } = brand
  return <ServiceIcon domain={name} service={name} icon={icon} size={size} />
}

function Secured() {
  const { t } = useLanguage()
  return (
    <footer className="link-secured">
      <Mark size={16} />
      {t('securedBy')}
    </footer>
  )
}

function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = title
  }, [title])
}

/** The time of today, or the date and the time. `none` if it is not known. */
function untilOf(at: number | undefined, language: string): string {
  if (at === undefined) return 'none'
  const isToday = new Date(at).toDateString() === new Date().toDateString()
  return new Intl.DateTimeFormat(language, {
    ...(!isToday && { dateStyle: 'medium' as const }),
    timeStyle: 'short',
  }).format(at)
}
