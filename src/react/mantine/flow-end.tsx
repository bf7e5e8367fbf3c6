import { Button } from '@mantine/core'
import { Failure, type FlowEndProps, useMainFocus, useNext, useRetry } from './end-actions.tsx'
import { Note } from './note.tsx'
import { WrongAccount } from './wrong-account.tsx'

/** Reasons that interrupt a screen reader: the user expected something else. */
const ALARMS: ReadonlySet<string> = new Set(['unknown', 'wrong_account', 'challenge_required'])

/** The result of a flow that did not succeed. */
export function FlowEnd(props: FlowEndProps) {
  const { view } = props
  if (view.type === 'abort' && view.accounts !== undefined)
    return <WrongAccount {...props} accounts={view.accounts} view={view} />
  if (view.type === 'abort' && view.existing !== undefined)
    return <Existing {...props} existing={view.existing} />
  return <Plain {...props} />
}

function Plain(props: FlowEndProps) {
  const { view, texts } = props
  const { t } = texts
  const retry = useRetry(view)
  const next = useNext(props.onGoOn)
  const main = useMainFocus(next.pending !== null)
  const isAlarm = view.type === 'abort' && ALARMS.has(view.reason)
  return (
    <>
      <div className="lk-body">
        <Failure texts={texts} error={next.error} />
        <Note kind={isAlarm ? 'bad' : 'info'} role={isAlarm ? 'alert' : 'status'}>
          {texts.endText(view, props.name)}
        </Note>
      </div>
      <div className="lk-foot">
        <Button
          ref={retry === null ? main : undefined}
          variant="default"
          data-autofocus={retry === null}
          onClick={props.onClose}
        >
          {t('close')}
        </Button>
        {retry !== null && (
          <Button
            ref={main}
            data-autofocus
            loading={next.pending !== null}
            onClick={() => void next.open('again', retry)}
          >
            {t('again')}
          </Button>
        )}
      </div>
    </>
  )
}

/** The entry of the account already exists. */
function Existing(props: FlowEndProps & { readonly existing: { entryId: string; title: string } }) {
  const { view, texts, existing, onShow, onClose } = props
  const { t } = texts
  const next = useNext(props.onGoOn)
  const main = useMainFocus(next.pending !== null)
  return (
    <>
      <div className="lk-body">
        <Failure texts={texts} error={next.error} />
        <Note kind="ok" role="status">
          {view.text}
        </Note>
      </div>
      <div className="lk-foot">
        <Button variant="default" onClick={onClose}>
          {t('close')}
        </Button>
        <Button
          variant="default"
          loading={next.pending !== null}
          onClick={() => void next.open('reauth', ({ entries }) => entries.reauth(existing.entryId))}
        >
          {t('signInAgain')}
        </Button>
        {onShow !== undefined && (
          <Button ref={main} data-autofocus onClick={() => onShow(existing.entryId)}>
            {t('showIt', { name: existing.title })}
          </Button>
        )}
      </div>
    </>
  )
}
