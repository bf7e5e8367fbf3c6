import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { AbortView, AccountView } from '../../view.ts'
import { useLatchkey } from '../provider.ts'
import { Failure, type FlowEndProps, useMainFocus, useNext, useRetry } from './end-actions.tsx'
import { ServiceIcon } from './service-icon.tsx'

/** The user signed in with another account. Shows both, and offers another attempt or the switch to the other account. */
export function WrongAccount(
  props: FlowEndProps & {
    readonly view: AbortView
    readonly accounts: { readonly expected: AccountView; readonly found: AccountView }
  },
) {
  const { view, texts, accounts, onShow, onClose } = props
  const { expected, found } = accounts
  const { t } = texts
  const retry = useRetry(view)
  const next = useNext(props.onGoOn)
  const main = useMainFocus(next.pending !== null)
  const { entryId } = view
  const other = found.entryId
  const canSwitch = view.replaceable === true && entryId !== null && other === undefined
  useDiscard(view.flowId)
  const isSame = expected.title === found.title
  const nameOf = ({ title, account }: AccountView): string => (isSame ? `${title} (${account})` : title)
  return (
    <>
      <div className="lk-body" role="alert">
        <Failure texts={texts} error={next.error} />
        <div className="lk-card">
          <Account {...props} account={expected} label={t('belongsTo')} />
          <Account {...props} account={found} label={t('signedInAs')} wrong />
          {other !== undefined && (
            <div className="lk-who">
              <span className="lk-grow">{t('alreadyConnected', { name: found.title })}</span>
              {onShow !== undefined && (
                <Button
                  size="xs"
                  variant="default"
                  aria-label={t('showIt', { name: found.title })}
                  onClick={() => onShow(other)}
                >
                  {t('show')}
                </Button>
              )}
            </div>
          )}
        </div>
        <div>
          {t(canSwitch ? 'useRightOrSwitch' : 'useRight', {
            expected: nameOf(expected),
            found: nameOf(found),
          })}
        </div>
      </div>
      <div className="lk-foot">
        {canSwitch && (
          <Button
            className="lk-aside"
            variant="subtle"
            px={0}
            disabled={next.pending !== null}
            onClick={() =>
              void next.open('switch', ({ flows }) =>
                flows.start({ source: 'replace', entryId, from: view.flowId }),
              )
            }
          >
            {t('switchTo')}
          </Button>
        )}
        <div className="lk-buttons">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          {retry !== null && (
            <Button
              ref={main}
              data-autofocus
              loading={next.pending === 'again'}
              onClick={() => void next.open('again', retry)}
            >
              {t('again')}
            </Button>
          )}
        </div>
      </div>
    </>
  )
}

/** Closes the verified connection of an ended flow when its result is closed: the user no longer switches to the account. */
function useDiscard(flowId: string): void {
  const { flows } = useLatchkey()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    clearTimeout(timer.current)
    return () => {
      // Not at once: React's strict mode mounts a component twice. Without an answer, the connection ends by itself.
      timer.current = setTimeout(() => flows.cancel(flowId).catch(() => {}), 0)
    }
  }, [flows, flowId])
}

function Account(
  props: FlowEndProps & { readonly account: AccountView; readonly label: string; readonly wrong?: boolean },
) {
  const { view, service, account, label, wrong } = props
  return (
    <div className="lk-who">
      <ServiceIcon domain={view.domain} service={service.title} icon={service.icon} />
      <div className="lk-grow">
        <small {...(wrong === true && { 'data-kind': 'bad' })}>{label}</small>
        <b>{account.title}</b>{' '}
        {account.account !== account.title && <span className="lk-mono">{account.account}</span>}
      </div>
    </div>
  )
}
