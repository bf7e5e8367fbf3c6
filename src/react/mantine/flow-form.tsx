import { Box, Button } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { JsonObject } from '../../ports/json.ts'
import type { FormView } from '../../view.ts'
import { clearValues, extraErrorsOf, firstField, rjsfSchemaOf, uiSchemaOf } from './form-schema.ts'
import { ThemedForm } from './form-theme.tsx'
import { formValidator } from './form-validator.ts'
import { StepFrame, type StepProps } from './step-frame.tsx'

const ID = 'latchkey'

/** The form of a step. It comes in a chunk of its own, with @rjsf. */
export function FlowForm(props: StepProps<FormView>) {
  const { view, flow, texts } = props
  const { pending } = flow
  // What was submitted, without secrets: each submit draws a new form, so that what was typed is let go of.
  const [kept, setKept] = useState<{
    revision: number
    values: JsonObject
    round: number
  } | null>(null)
  const mine = kept?.revision === view.revision ? kept : null
  const values = mine?.values ?? view.values
  const focused = firstField(view, values)
  const key = `${view.flowId} ${view.revision} ${mine?.round ?? 0}`

  const validator = useMemo(() => formValidator((code) => texts.codeText(code)), [texts])
  const schema = useMemo(() => rjsfSchemaOf(view), [view])
  const uiSchema = useMemo(() => uiSchemaOf(view, texts, focused), [view, texts, focused])
  // What was wrong before is not said of what is being tried now.
  const extraErrors = useMemo(() => (pending ? {} : extraErrorsOf(view)), [pending, view])

  const box = useRef<HTMLDivElement>(null)
  // Each new form takes the focus, and each that can be used again; one that cannot be used keeps it meanwhile.
  useEffect(() => {
    const id = `${ID}_${focused}`
    const field = box.current?.querySelector<HTMLElement>(`[id="${id}"], input[id^="${id}-"]`)
    if (pending) box.current?.focus()
    else field?.focus()
  }, [key, pending])

  const submit = (input: JsonObject): void => {
    if (pending) return
    setKept({
      revision: view.revision,
      values: clearValues(view, input),
      round: (mine?.round ?? 0) + 1,
    })
    void flow.submit(input)
  }

  return (
    <StepFrame {...props}>
      {(wait, ways) => (
        <Box ref={box} tabIndex={-1} style={{ outline: 'none' }}>
          <ThemedForm
            key={key}
            idPrefix={ID}
            schema={schema}
            uiSchema={uiSchema}
            validator={validator}
            initialFormData={values}
            extraErrors={extraErrors}
            disabled={pending}
            noHtml5Validate
            showErrorList={false}
            focusOnFirstError
            onError={() => {}}
            onSubmit={({ formData }) => wait === 0 && submit((formData ?? {}) as JsonObject)}
          >
            {ways(
              <Button type="submit" disabled={pending || wait > 0}>
                {wait > 0 ? texts.t('wait', { seconds: wait }) : view.submit}
              </Button>,
            )}
          </ThemedForm>
        </Box>
      )}
    </StepFrame>
  )
}
