import { Button } from '@mantine/core'
import { Suspense, useEffect, useState } from 'react'
import type { EntryView } from '../../../src/client/index.ts'
import { existingFlow } from '../../../src/react/existing-flow.ts'
import { useLatchkey } from '../../../src/react/index.ts'
import { FlowPanel } from '../../../src/react/mantine/flow-panel.tsx'
import { useTexts } from '../../../src/react/mantine/use-texts.ts'
import type { AbortView, CreateEntryView, FormView } from '../../../src/view.ts'
import { useActions } from '../actions.tsx'
import { useLanguage } from '../language.tsx'
import { navigate } from '../routes.ts'
import { toast } from '../toast.ts'
import { OptionsForm } from './options-form.tsx'
import '../dialogs.css'

/** The options of a connection. Their flow begins with the first change: a look opens nothing. */
export function OptionsTab({ entry }: { readonly entry: EntryView }) {
  const { entryId, disabled, title } = entry
  const { t } = useLanguage()
  const texts = useTexts()
  const { act } = useActions()
  const { entries, flows } = useLatchkey()
  const [flowId, setFlowId] = useState<string | null>(null)
  const [round, setRound] = useState(0)
  const form = useOptions(entryId, round)
  useEffect(() => {
    let left = false
    // After a reload, the open form is shown again.
    flows.list({ entryId }).then(
      ({ items }) => {
        const open = items.find(({ source }) => source === 'options')
        if (!left && open !== undefined) setFlowId(open.flowId)
      },
      () => {},
    )
    return () => {
      left = true
    }
  }, [flows, entryId])
  const change = async (): Promise<void> =>
    setFlowId(await act(() => entries.changeOptions(entryId).then((view) => view.flowId, existingFlow)))
  const restart = (): void => {
    setFlowId(null)
    setRound(round + 1)
  }
  const end = (view: AbortView | CreateEntryView): void => {
    const text = texts.endText(view, title)
    if (view.success) toast({ kind: 'done', text })
    else if (view.reason !== 'cancelled') toast({ kind: 'failed', text, close: t('close') })
    if (view.nextFlow !== undefined) navigate({ flowId: view.nextFlow.flowId })
    restart()
  }
  return (
    <section className="card" aria-label={t('options')} style={{ maxWidth: 560 }}>
      {flowId !== null ? (
        <FlowPanel flowId={flowId} onClose={restart} onDone={({ text }) => toast({ kind: 'done', text })} />
      ) : (
        <>
          <div className="card-head">
            <h2>{t('options')}</h2>
          </div>
          {!disabled && form != null ? (
            <Suspense>
              <OptionsForm key={round} entry={entry} form={form} onEnd={end} />
            </Suspense>
          ) : (
            <div className="card-body">
              {disabled && (
                <p className="muted" style={{ margin: '0 0 12px' }}>
                  {t('optionsDisabled')}
                </p>
              )}
              {!disabled && form === null && (
                <Button size="xs" variant="default" onClick={() => void change()}>
                  {t('changeOptions')}
                </Button>
              )}
            </div>
          )}
        </>
      )}
    </section>
  )
}

/**
 * The form of the options with their values. Null if it cannot be shown without a flow, and undefined until that is known. A
 * new `round` reads it again.
 */
function useOptions(entryId: string, round: number): FormView | null | undefined {
  const { language } = useLanguage()
  const { entries } = useLatchkey()
  const [read, setRead] = useState<{ readonly round: number; readonly form: FormView | null }>()
  useEffect(() => {
    let left = false
    const settle = (form: FormView | null): void => {
      if (!left) setRead({ round, form })
    }
    entries.optionsForm(entryId).then(
      (view) => settle(view?.type === 'form' ? view : null),
      () => settle(null),
    )
    return () => {
      left = true
    }
  }, [entries, entryId, language, round])
  return read?.round === round ? read.form : undefined
}
