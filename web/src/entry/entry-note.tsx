import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { EntryView } from '../../../src/client/index.ts'
import { repairFor, useEntryAttention, useRepair } from '../../../src/react/index.ts'
import { agesOf } from '../../../src/react/mantine/ages.ts'
import { errorText } from '../../../src/react/mantine/error-text.ts'
import { Icon } from '../../../src/react/mantine/icon.tsx'
import { shownValues } from '../../../src/react/mantine/shown-values.ts'
import { useNow } from '../../../src/react/mantine/use-now.ts'
import { useTexts } from '../../../src/react/mantine/use-texts.ts'
import { useEntryActions } from '../entry-actions.ts'
import type { EntryDialog } from '../entry-dialog.ts'
import { useLanguage } from '../language.tsx'
import { navigate } from '../routes.ts'

interface EntryNoteProps {
  readonly entry: EntryView
  /** The documentation of the service. */
  readonly docs: string | undefined
  readonly onDialog: (dialog: EntryDialog) => void
}

/** Shows the next step of a connection, or when Latchkey tries again. Renders nothing if it works. */
export function EntryNote(props: EntryNoteProps) {
  const { entry } = props
  const needs = useEntryAttention(entry.entryId)
  if (needs !== undefined && !entry.disabled) return <Attention {...props} item={needs} />
  const isRetried = entry.state === 'setup_retry' || (entry.state === 'loaded' && entry.quiet === true)
  return isRetried && !entry.disabled ? <Retry entry={entry} /> : null
}

function Attention(
  props: EntryNoteProps & { readonly item: NonNullable<ReturnType<typeof useEntryAttention>> },
) {
  const { entry, item, docs, onDialog } = props
  const { entryId, title, service = entry.domain } = entry
  const { t } = useLanguage()
  const texts = useTexts()
  const actions = useEntryActions()
  const repair = useRepair()
  const isBusy = repair.pending !== null
  const failure = errorText(texts, repair.error)
  const { proposal } = item
  return (
    <Box kind={item.reason === 'pending_expiration' ? 'warn' : 'attention'}>
      <b>{item.text}</b>
      {item.message !== undefined && <div className="lk-muted">{item.message}</div>}
      {item.path !== undefined && <div className="mono">{item.path}</div>}
      {proposal !== undefined && (
        <div className="mono">
          {texts.t('newAddress', {
            before: shownValues(proposal.before),
            after: shownValues(proposal.values),
          })}
        </div>
      )}
      {docs !== undefined && (
        <div>
          <a className="text-link" href={docs} target="_blank" rel="noreferrer">
            {texts.t('help', { service })} <Icon name="outside" size={13} />
          </a>
        </div>
      )}
      {failure !== null && (
        <div role="alert" style={{ color: 'var(--lk-bad)' }}>
          {failure}
        </div>
      )}
      <div className="entry-actions">
        {(item.flowId !== null || repairFor(item.reason) !== null) && (
          <Button
            size="xs"
            loading={isBusy}
            aria-label={texts.t(proposal === undefined ? 'repairOf' : 'reviewAddressOf', { name: title })}
            onClick={async () => {
              const flowId = await repair.open(item)
              if (flowId !== null) navigate({ flowId })
            }}
          >
            {texts.t(proposal === undefined ? 'repair' : 'reviewAddress')}
          </Button>
        )}
        {proposal !== undefined && (
          <Button
            size="xs"
            variant="default"
            disabled={isBusy}
            aria-label={texts.t('keepAddressOf', { name: title })}
            onClick={() => void repair.dismiss(entryId)}
          >
            {texts.t('keepAddress')}
          </Button>
        )}
        {entry.reauth !== null && (
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="link" />}
            onClick={() => onDialog({ type: 'link', entryId, title })}
          >
            {t('link')}
          </Button>
        )}
        {item.reason === 'requested' && (
          <Button
            size="xs"
            variant="subtle"
            disabled={isBusy}
            aria-label={texts.t('withdrawOf', { name: title })}
            onClick={() => void repair.withdraw(entryId)}
          >
            {texts.t('withdraw')}
          </Button>
        )}
        {entry.state === 'reauth_required' && (
          <Button size="xs" variant="subtle" onClick={() => void actions.retry(entry)}>
            {t('retry')}
          </Button>
        )}
        {item.reason === 'setup_error' && (
          <Button size="xs" variant="subtle" onClick={() => void actions.reload(entry)}>
            {t('reload')}
          </Button>
        )}
      </div>
    </Box>
  )
}

/** The service cannot be reached now. */
function Retry({ entry }: { readonly entry: EntryView }) {
  const { title, lastError, retryAt, checkedAt, reason, service = entry.domain, address = service } = entry
  const { t, language, codeText } = useLanguage()
  const texts = useTexts()
  const actions = useEntryActions()
  const ages = agesOf(language)
  const now = useNow()
  const why =
    lastError?.text ??
    (reason === null ? entry.text : codeText(reason, undefined, { service, host: address, name: title }))
  const next =
    entry.state !== 'setup_retry' || retryAt === undefined
      ? checkedAt === undefined
        ? null
        : { at: checkedAt, text: texts.t('lastSeen', { when: ages.relative(checkedAt, now) }) }
      : {
          at: retryAt,
          text:
            retryAt <= now ? texts.t('nextNow') : texts.t('nextIn', { when: ages.relative(retryAt, now) }),
        }
  return (
    <Box kind="warn">
      <b>{why}</b>
      {next !== null && (
        <div className="lk-muted">
          <time dateTime={new Date(next.at).toISOString()}>{next.text}</time>
        </div>
      )}
      <div className="entry-actions">
        <Button
          size="xs"
          variant="default"
          aria-label={texts.t('tryNowOf', { name: title })}
          onClick={() => void actions.reload(entry)}
        >
          {t('tryNow')}
        </Button>
      </div>
    </Box>
  )
}

function Box({ kind, children }: { readonly kind: 'attention' | 'warn'; readonly children: ReactNode }) {
  return (
    <div className="lk-note entry-note first" data-kind={kind} role="note">
      <Icon name="alert" size={18} />
      <div className="lk-grow">{children}</div>
    </div>
  )
}
