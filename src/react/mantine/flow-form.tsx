import { Alert, Box, Button, Group, Stack, Text } from '@mantine/core'
import type { RJSFSchema } from '@rjsf/utils'
import { useEffect, useMemo, useRef, useState } from 'react'
import { ProblemError } from '../../client/index.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { FormView } from '../../view.ts'
import type { FlowControls } from '../use-flow.ts'
import { errorText } from './error-text.ts'
import { clearValues, extraErrorsOf, firstField, uiSchemaOf } from './form-schema.ts'
import { ThemedForm } from './form-theme.tsx'
import { formValidator } from './form-validator.ts'
import { codeText, type Texts } from './texts.ts'
import { useCountdown } from './use-time.ts'
import { Working } from './working.tsx'

/** What {@link FlowForm} shows, and where its buttons lead. */
export interface FlowFormProps {
  readonly view: FormView
  readonly flow: FlowControls
  readonly texts: Texts
  readonly onCancel: () => void
}

const ID = 'latchkey'

/** The form of a step. It comes in a chunk of its own, with @rjsf. */
export function FlowForm({ view, flow, texts, onCancel }: FlowFormProps) {
  const { pending, error } = flow
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

  const base = view.errors.base
  const asked = base?.retryAfter ?? (error instanceof ProblemError ? error.problem.retryAfter : undefined)
  const wait = useCountdown(asked ?? 0, base?.retryAfter === undefined ? error : view)
  const failure = errorText(texts, error) ?? base?.text

  const validator = useMemo(() => formValidator((code) => codeText(texts, code)), [texts])
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
    if (pending || wait > 0) return
    setKept({
      revision: view.revision,
      values: clearValues(view, input),
      round: (mine?.round ?? 0) + 1,
    })
    void flow.submit(input)
  }

  return (
    <Stack gap="sm">
      {view.description !== undefined && <Text size="sm">{view.description}</Text>}
      {failure !== undefined && failure !== null && !pending && (
        <Alert key={key} color={error === null ? 'red' : 'orange'} role="alert">
          {failure} {asked !== undefined && asked > 0 && texts.wait(asked)}
        </Alert>
      )}
      <Box ref={box} tabIndex={-1} style={{ outline: 'none' }}>
        <ThemedForm
          key={key}
          idPrefix={ID}
          schema={view.schema as unknown as RJSFSchema}
          uiSchema={uiSchema}
          validator={validator}
          initialFormData={values}
          extraErrors={extraErrors}
          disabled={pending}
          noHtml5Validate
          showErrorList={false}
          focusOnFirstError
          onError={() => {}}
          onSubmit={({ formData }) => submit((formData ?? {}) as JsonObject)}
        >
          <Working active={pending} text={texts.working} />
          <Group justify="flex-end" mt="md">
            <Button variant="default" onClick={onCancel}>
              {texts.cancel}
            </Button>
            {view.mayGoBack && (
              <Button variant="default" disabled={pending} onClick={() => void flow.back()}>
                {texts.back}
              </Button>
            )}
            <Button type="submit" disabled={pending || wait > 0}>
              {wait > 0 ? texts.wait(wait) : view.submit}
            </Button>
          </Group>
        </ThemedForm>
      </Box>
    </Stack>
  )
}
