import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { View } from '../../client/index.ts'
import type { FormView } from '../../view.ts'
import { FlowChoices, rowsFieldOf } from './flow-choices.tsx'
import { FlowDevice } from './flow-device.tsx'
import { FlowExternal } from './flow-external.tsx'
import type { FlowFormProps } from './flow-form.tsx'
import { FlowMenu } from './flow-menu.tsx'
import { FlowProgress } from './flow-progress.tsx'
import { FormSkeleton } from './form-skeleton.tsx'
import { Note } from './note.tsx'
import { CancelFoot, StepFrame, type StepProps } from './step-frame.tsx'
import { Working } from './working.tsx'

type FormChunk = typeof import('./flow-form.tsx')

/** Loads the chunk of the form. `again` retries. */
function useFormChunk() {
  const [chunk, setChunk] = useState<FormChunk | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    if (failed || chunk !== null) return
    import('./flow-form.tsx').then(setChunk, () => setFailed(true))
  }, [failed, chunk])
  return { FlowForm: chunk?.FlowForm, failed, again: () => setFailed(false) }
}

/** The props of the current step of a flow. */
interface FlowStepProps
  extends Omit<StepProps<FormView>, 'view'>,
    Pick<FlowFormProps, 'onFilled' | 'extra' | 'work'> {
  readonly view: View | null
  /** The current form, or the last one while the flow works. */
  readonly form: FormView | null
}

/** The current step of a flow. */
export function FlowStep(props: FlowStepProps) {
  const { view, form, work, texts, flow } = props
  const { t } = texts
  const { FlowForm, failed, again } = useFormChunk()
  if (form !== null) {
    // The values of a page stay in its component.
    const page = [form.flowId, form.step, form.page, form.challenge].join(' ')
    const field = rowsFieldOf(form)
    if (field !== null) return <FlowChoices key={page} {...props} view={form} field={field} />
    if (FlowForm !== undefined) return <FlowForm key={page} {...props} view={form} />
    return (
      <StepFrame
        {...props}
        view={form}
        primary={() => (
          <Button disabled={!failed} onClick={again}>
            {failed ? t('again') : form.submit}
          </Button>
        )}
      >
        {() =>
          failed ? (
            <Note kind="attention" role="alert">
              {t('notResponding')}
            </Note>
          ) : (
            <FormSkeleton view={form} />
          )
        }
      </StepFrame>
    )
  }
  const key = `${view?.flowId} ${view?.revision}`
  if (view?.type === 'menu') return <FlowMenu key={key} {...props} view={view} />
  if (view?.type === 'external') return <FlowExternal key={key} {...props} view={view} />
  if (view?.type === 'progress' && 'mayGoBack' in view)
    return <FlowDevice key={view.flowId} {...props} view={view} />
  return (
    <>
      <div className="lk-body">
        {work !== null ? (
          <FlowProgress view={work} texts={texts} error={flow.error} />
        ) : (
          <Working active={flow.view === null} text={t('loading')} />
        )}
      </div>
      <CancelFoot {...props} />
    </>
  )
}
