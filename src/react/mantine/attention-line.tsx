import { Button } from '@mantine/core'
import { useLanguage } from '../provider.ts'
import { useIntegrations } from '../use-integrations.ts'
import { type Repair, repairFor } from '../use-repair.ts'
import { agesOf } from './ages.ts'
import type { AttentionGroup } from './attention-groups.ts'
import { ServiceIcon } from './service-icon.tsx'
import { shownValues } from './shown-values.ts'
import { useLostAt } from './use-lost-at.ts'
import { useNow } from './use-now.ts'
import type { ComponentTexts } from './use-texts.ts'

/** The number of names that the line of several connections lists. */
const NAMED = 2

/** A connection that needs the user, or several of one integration with the same reason. */
export function AttentionLine(props: {
  readonly group: AttentionGroup
  /** Whether its button is the filled one. */
  readonly isFirst: boolean
  readonly repair: Repair
  readonly texts: ComponentTexts
  readonly onRepair: (flowId: string) => void
  readonly onReview: () => void
  readonly onRemove: ((entryId: string) => void) | undefined
  readonly onWebhook: ((webhookId: string) => void) | undefined
}) {
  const { group, isFirst, repair, texts } = props
  const { t } = texts
  const language = useLanguage()
  const [item] = group.items
  const { entryId, domain = '', proposal, webhookId } = item
  const integration = useIntegrations()?.find((one) => one.domain === domain)
  const service = item.service ?? integration?.title ?? domain
  const count = group.items.length
  const name = item.title ?? entryId ?? webhookId ?? service
  const names = new Intl.ListFormat(language).format(group.items.map(({ title }) => title ?? ''))
  const variant = isFirst ? 'filled' : 'default'
  // The buttons stay usable and then show why nothing was sent.
  const isAway = useLostAt() !== null || undefined
  const isBusy = entryId !== null && repair.pending === entryId
  return (
    <li className="lkl-line" data-of={(count === 1 && entryId) || undefined}>
      <ServiceIcon domain={domain} service={service || name} icon={integration?.icon} size={36} />
      <div className="lkl-line-text">
        <div className="lkl-line-title">{count === 1 ? name : t('severalOf', { service, count })}</div>
        <div className="lkl-line-detail">
          {count > 1 && count <= NAMED && `${names}: `}
          {item.text}
          {proposal !== undefined && (
            <>
              {' '}
              <span className="lkl-mono">
                {t('newAddress', {
                  before: shownValues(proposal.before),
                  after: shownValues(proposal.values),
                })}
              </span>
            </>
          )}
          {item.since !== null && <Since at={item.since} t={t} />}
        </div>
        {count === 1 && item.path !== undefined && (
          <div className="lkl-line-detail lkl-mono">{item.path}</div>
        )}
        {count === 1 && item.message !== undefined && <div className="lkl-line-detail">{item.message}</div>}
      </div>
      {count > 1 ? (
        <Button
          size="xs"
          variant={variant}
          aria-label={t('reviewOf', { count, service })}
          onClick={props.onReview}
        >
          {t('review', { count })}
        </Button>
      ) : (
        <div className="lkl-line-actions">
          {item.reason === 'requested' && entryId !== null && (
            <Button
              size="xs"
              aria-disabled={isAway}
              variant="subtle"
              aria-label={t('withdrawOf', { name })}
              disabled={isBusy}
              onClick={() => void repair.withdraw(entryId)}
            >
              {t('withdraw')}
            </Button>
          )}
          {proposal !== undefined && entryId !== null && (
            <Button
              size="xs"
              aria-disabled={isAway}
              variant="subtle"
              aria-label={t('keepAddressOf', { name })}
              disabled={isBusy}
              onClick={() => void repair.dismiss(entryId)}
            >
              {t('keepAddress')}
            </Button>
          )}
          {item.reason === 'unreadable' && entryId !== null && props.onRemove !== undefined && (
            <Button
              size="xs"
              aria-disabled={isAway}
              variant="default"
              c="var(--lk-bad)"
              aria-label={t('removeOf', { label: name })}
              onClick={() => props.onRemove?.(entryId)}
            >
              {t('remove')}
            </Button>
          )}
          {webhookId !== undefined && props.onWebhook !== undefined && (
            <Button
              size="xs"
              variant={variant}
              aria-label={t('showIt', { name })}
              onClick={() => props.onWebhook?.(webhookId)}
            >
              {t('show')}
            </Button>
          )}
          {(item.flowId !== null || repairFor(item.reason) !== null) && (
            <Button
              size="xs"
              aria-disabled={isAway}
              variant={variant}
              loading={isBusy}
              aria-label={t(proposal === undefined ? 'repairOf' : 'reviewAddressOf', { name })}
              onClick={async () => {
                const flowId = await repair.open(item)
                if (flowId !== null) props.onRepair(flowId)
              }}
            >
              {t(proposal === undefined ? 'repair' : 'reviewAddress')}
            </Button>
          )}
        </div>
      )}
    </li>
  )
}

/** The distance of a time from now, after a dot. */
function Since({ at, t }: { readonly at: number; readonly t: ComponentTexts['t'] }) {
  const ages = agesOf(useLanguage())
  const now = useNow()
  // The clock of the page moves once a second: the time may be ahead of it.
  const text = now - at < 2000 ? t('justNow') : ages.relative(at, now)
  return (
    <>
      {' · '}
      <time dateTime={new Date(at).toISOString()}>{text}</time>
    </>
  )
}
