import { Button, CloseButton, Text } from '@mantine/core'
import { useState } from 'react'
import { useLatchkey } from '../../src/react/index.ts'
import { useActions } from './actions.tsx'
import { Dialog, DialogFoot } from './dialog.tsx'
import { useLanguage } from './language.tsx'
import { removed } from './removed.ts'
import { toast } from './toast.ts'

/** The number of requests at a time. */
const LANES = 4

/** The actions for several selected entries. One toast shows the outcome. */
export default function BulkBar(props: {
  readonly selected: ReadonlySet<string>
  readonly onDone: () => void
}) {
  const { selected, onDone } = props
  const { t } = useLanguage()
  const { entries } = useLatchkey()
  const { act } = useActions()
  const [isAsking, setAsking] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const count = selected.size
  const run = async (call: (entryId: string) => Promise<unknown>): Promise<void> => {
    setBusy(true)
    const waiting = [...selected]
    let failed = 0
    const lane = async (): Promise<void> => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
        await call(id).catch(() => {
          failed++
        })
    }
    const result = await act(() => Promise.all(Array.from({ length: LANES }, lane)))
    setBusy(false)
    setAsking(false)
    if (result === null) return
    const text = t('toast.several', { done: count - failed, failed })
    toast({ kind: failed === 0 ? 'done' : 'failed', text, close: t('close') })
    onDone()
  }
  return (
    <section className="bulk" aria-label={t('selected', { count })}>
      <span role="status">{t('selected', { count })}</span>
      <Button size="xs" variant="default" loading={isBusy} onClick={() => void run(entries.reload)}>
        {t('reload')}
      </Button>
      <Button size="xs" variant="default" disabled={isBusy} onClick={() => void run(entries.disable)}>
        {t('disable')}
      </Button>
      <Button
        size="xs"
        variant="default"
        className="danger"
        disabled={isBusy}
        onClick={() => setAsking(true)}
      >
        {t('remove')}
      </Button>
      <CloseButton aria-label={t('cancel')} onClick={onDone} />
      <Dialog opened={isAsking} onClose={() => setAsking(false)} title={t('removeSeveral', { count })}>
        <Text>{t('removeSeveralText')}</Text>
        <DialogFoot>
          <Button data-autofocus variant="default" onClick={() => setAsking(false)}>
            {t('cancel')}
          </Button>
          <Button color="red" loading={isBusy} onClick={() => void run((id) => removed(entries.remove(id)))}>
            {t('remove')}
          </Button>
        </DialogFoot>
      </Dialog>
    </section>
  )
}
