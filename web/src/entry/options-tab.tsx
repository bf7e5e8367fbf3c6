import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { EntryView } from '../../../src/client/index.ts'
import { existingFlow } from '../../../src/react/existing-flow.ts'
import { useLatchkey } from '../../../src/react/index.ts'
import { FlowPanel } from '../../../src/react/mantine/flow-panel.tsx'
import { useActions } from '../actions.tsx'
import { useLanguage } from '../language.tsx'
import { toast } from '../toast.ts'
import '../dialogs.css'

/** The options of a connection. Their flow begins with the first change: a look opens nothing. */
export function OptionsTab({ entry }: { readonly entry: EntryView }) {
  const { entryId, disabled } = entry
  const { t } = useLanguage()
  const { act } = useActions()
  const { entries, flows } = useLatchkey()
  const [flowId, setFlowId] = useState<string | null>(null)
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
  return (
    <section className="card" aria-label={t('options')} style={{ maxWidth: 560 }}>
      {flowId !== null ? (
        <FlowPanel
          flowId={flowId}
          onClose={() => setFlowId(null)}
          onDone={({ text }) => toast({ kind: 'done', text })}
        />
      ) : (
        <>
          <div className="card-head">
            <h2>{t('options')}</h2>
          </div>
          <div className="card-body">
            <p className="muted" style={{ margin: '0 0 12px' }}>
              {t(disabled ? 'optionsDisabled' : 'optionsText')}
            </p>
            {!disabled && (
              <Button size="xs" variant="default" onClick={() => void change()}>
                {t('changeOptions')}
              </Button>
            )}
          </div>
        </>
      )}
    </section>
  )
}
