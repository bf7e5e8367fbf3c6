import { ActionIcon } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import type { EntryView, IntegrationItem } from '../../../src/client/index.ts'
import { useSelected } from '../../../src/react/client-state.ts'
import { agesOf } from '../../../src/react/mantine/ages.ts'
import { copyText } from '../../../src/react/mantine/copy-text.ts'
import { Icon } from '../../../src/react/mantine/icon.tsx'
import { useNow } from '../../../src/react/mantine/use-now.ts'
import { useTexts } from '../../../src/react/mantine/use-texts.ts'
import { useLanguage } from '../language.tsx'
import { Time } from './time.tsx'

/** The facts of a connection. */
export function DetailsCard(props: {
  readonly entry: EntryView
  readonly integration: IntegrationItem | undefined
}) {
  const { entry, integration } = props
  const { service = entry.domain, address, account, method, checkedAt, retryAt, expiresAt } = entry
  const { t, language } = useLanguage()
  const texts = useTexts()
  const ages = agesOf(language)
  const now = useNow()
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
  const hasNamesake = useSelected(({ entries }) => isShared(entry, entries.values()))
  const methodTitle = integration?.methods?.find(({ name }) => name === method)?.title
  return (
    <section className="card second" aria-label={t('details')}>
      <div className="card-head tight">
        <h2>{t('details')}</h2>
      </div>
      <dl className="facts">
        <Fact name={t('integration')}>
          {service}{' '}
          {integration?.docs !== undefined && (
            <a className="text-link" href={integration.docs} target="_blank" rel="noreferrer">
              {t('docs')}
            </a>
          )}
        </Fact>
        {address !== undefined && (
          <Fact name={t('address')} copied={address}>
            <span className="mono">{address}</span>
          </Fact>
        )}
        {hasNamesake && entry.uniqueId !== null ? (
          <Fact name={t('account')} copied={entry.uniqueId}>
            {nameOf(entry)} <span className="mono">{entry.uniqueId}</span>
          </Fact>
        ) : (
          account !== undefined &&
          account !== entry.title && (
            <Fact name={t('account')} copied={account}>
              {account}
            </Fact>
          )
        )}
        {methodTitle !== undefined && <Fact name={t('signsInWith')}>{methodTitle}</Fact>}
        <Fact name={t('addedOn')}>
          <Time at={entry.createdAt}>{days.format(entry.createdAt)}</Time>
        </Fact>
        {checkedAt !== undefined && (
          <Fact name={t('lastSuccess')}>
            <Time at={checkedAt}>
              {now - checkedAt < 2000 ? texts.t('justNow') : ages.relative(checkedAt, now)}
            </Time>
          </Fact>
        )}
        {entry.state === 'reauth_required' ? (
          <Fact name={t('nextTry')}>{t('afterSignIn')}</Fact>
        ) : (
          retryAt !== undefined && (
            <Fact name={t('nextTry')}>
              <Time at={retryAt}>{retryAt <= now ? texts.t('justNow') : ages.relative(retryAt, now)}</Time>
            </Fact>
          )
        )}
        <Fact name={t('expires')}>
          {expiresAt === null ? t('never') : <Time at={expiresAt}>{days.format(expiresAt)}</Time>}
        </Fact>
      </dl>
    </section>
  )
}

const nameOf = ({ account, title }: EntryView): string => account ?? title

/** Whether another entry of the service has the name of an account. Only their ids differ then. */
function isShared(entry: EntryView, entries: Iterable<EntryView>): boolean {
  for (const other of entries) {
    const isOther = other.entryId !== entry.entryId && other.domain === entry.domain
    if (isOther && other.title === entry.title && nameOf(other) === nameOf(entry)) return true
  }
  return false
}

/** The duration of the confirmation of a copy, in milliseconds. */
const CONFIRMED = 2000

/** A fact. With `copied`, a button copies it. */
export function Fact(props: {
  readonly name: string
  readonly copied?: string
  readonly children: ReactNode
}) {
  const { name, copied, children } = props
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {children}
        {copied !== undefined && <Copy name={name} text={copied} />}
      </dd>
    </>
  )
}

function Copy({ name, text }: { readonly name: string; readonly text: string }) {
  const { t } = useLanguage()
  const [isDone, setDone] = useState(false)
  useEffect(() => {
    if (!isDone) return
    const timer = setTimeout(() => setDone(false), CONFIRMED)
    return () => clearTimeout(timer)
  }, [isDone])
  return (
    <ActionIcon
      className="fact-copy"
      size={32}
      aria-label={isDone ? t('copied') : t('copyOf', { what: name })}
      aria-live="polite"
      onClick={() => void copyText(text).then(setDone)}
    >
      <Icon name={isDone ? 'check' : 'copy'} />
    </ActionIcon>
  )
}
