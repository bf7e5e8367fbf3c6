import { Box, Button } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { JsonObject } from '../../ports/json.ts'
import type { FormView } from '../../view.ts'
import { extraErrorsOf, firstField, nonSecretValues, rjsfSchemaOf, uiSchemaOf } from './form-schema.ts'
import { ThemedForm } from './form-theme.tsx'
import { formValidator } from './form-validator.ts'
import { StepFrame, type StepProps } from './step-frame.tsx'

const ID = 'latchkey'

/** The form of a step. It is in a separate chunk, with @rjsf. */
export function FlowForm(props: StepProps<FormView>) {
  const { view, flow, texts } = props
  const { pending } = flow
  // The submitted values without secrets. Each submit renders a new form, which discards the typed secrets.
  const [submitted, setSubmitted] = useState<{
    revision: number
    values: JsonObject
    round: number
  } | null>(null)
  const current = submitted?.revision === view.revision ? submitted : null
  const values = current?.values ?? view.values
  const focused = firstField(view, values)
  const key = `${view.flowId} ${view.revision} ${current?.round ?? 0}`

  const validator = useMemo(() => formValidator((code) => texts.codeText(code)), [texts])
  const schema = useMemo(() => rjsfSchemaOf(view), [view])
  // A new form starts without removed values.
  const removed = useMemo(() => new Set<string>(), [key])
  const uiSchema = useMemo(() => uiSchemaOf(view, texts, focused, removed), [view, texts, focused, removed])
  // Errors of the last attempt are hidden during the next one.
  const extraErrors = useMemo(() => (pending ? {} : extraErrorsOf(view)), [pending, view])

  const box = useRef<HTMLDivElement>(null)
  // A new or enabled form focuses a field. A disabled one keeps the focus on its box.
  useEffect(() => {
    const id = `${ID}_${focused}`
    const field = box.current?.querySelector<HTMLElement>(`[id="${id}"], input[id^="${id}-"]`)
    if (pending) box.current?.focus()
    else field?.focus()
  }, [key, pending])

  const submit = (input: JsonObject): void => {
    if (pending) return
    setSubmitted({
      revision: view.revision,
      values: nonSecretValues(view, input),
      round: (current?.round ?? 0) + 1,
    })
    void flow.submit({ ...input, ...Object.fromEntries([...removed].map((field) => [field, null])) })
  }

  return (
    <StepFrame {...props}>
      {(wait, buttons) => (
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
            {buttons(
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
