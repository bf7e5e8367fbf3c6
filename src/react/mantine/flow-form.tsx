import { Button, MantineThemeProvider } from '@mantine/core'
import { type ClipboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { JsonObject } from '../../ports/json.ts'
import type { FormView, ProgressView } from '../../view.ts'
import { RetryButton } from './flow-choices.tsx'
import { FlowProgress } from './flow-progress.tsx'
import {
  extraErrorsOf,
  firstField,
  isRefused,
  nonSecretValues,
  rjsfSchemaOf,
  uiSchemaOf,
} from './form-schema.ts'
import { ThemedForm } from './form-theme.tsx'
import { formValidator } from './form-validator.ts'
import { MovedAddress, useMove } from './moved-address.tsx'
import { StepFrame, type StepProps } from './step-frame.tsx'

const ID = 'latchkey'

/** Labels mark the optional fields, so required ones need no asterisk. */
const THEME = { components: { InputWrapper: { defaultProps: { withAsterisk: false } } } }

/** Fills in fields of the current form. */
export type Fill = (values: JsonObject) => void

/** The props of the form of a step. */
export interface FlowFormProps extends StepProps<FormView> {
  /** The work that is shown instead of the fields. The form keeps its values during the work. */
  readonly work: ProgressView | null
  /** Called with the number of fields that the user has filled in. */
  readonly onFilled: (count: number) => void
  readonly extra?: ((view: FormView, fill: Fill) => ReactNode) | undefined
  /** Whether the form leaves the focus to the page when it appears. */
  readonly keepsFocus?: boolean
}

/** The form of a step. It is in a separate chunk, with @rjsf. Only its state has the entered secrets. */
export function FlowForm(props: FlowFormProps) {
  const { view, flow, texts, work, onFilled } = props
  const { pending, error } = flow
  const { revision } = view
  const [values, setValues] = useState<JsonObject>(view.values)
  const [round, setRound] = useState(revision)
  const [answered, setAnswered] = useState(revision)
  /** The revision that this form has submitted: another window may have submitted its own input. */
  const [sent, setSent] = useState<number>()
  const [edited, setEdited] = useState<{ revision: number; error: unknown; fields: readonly string[] }>()
  if (answered !== revision) {
    setAnswered(revision)
    if (isRefused(view) && sent === answered) {
      setValues(nonSecretValues(view, values))
      setRound(revision)
    }
  }
  const own = edited?.revision === revision && edited.error === error ? edited.fields : null
  const edit = (next: JsonObject, fields: readonly string[]): void => {
    setValues(next)
    setEdited({ revision, error, fields: [...(own ?? []), ...fields] })
    onFilled(view.order.filter((field) => next[field] !== view.values[field] && !isEmpty(next[field])).length)
  }

  const formId = useId()
  const move = useMove(view)
  const validator = useMemo(() => formValidator(texts.fieldText), [texts])
  const schema = useMemo(() => rjsfSchemaOf(view, texts), [view, texts])
  // A new form starts without removed values, and focuses a field that does not change while the user types.
  const removed = useMemo(() => new Set<string>(), [round])
  const focused = useMemo(() => firstField(view, values), [view, round])
  const marked = props.keepsFocus === true ? undefined : focused
  const uiSchema = useMemo(() => uiSchemaOf(view, texts, marked, removed), [view, texts, marked, removed])
  // Errors of the last attempt are hidden during the next one, and once the user edits their field.
  const extraErrors = useMemo(() => (pending ? {} : extraErrorsOf(view, own ?? [])), [pending, view, own])

  const box = useRef<HTMLDivElement>(null)
  const isNew = own === null && !pending && error === null && Object.keys(view.errors).length === 0
  const shown = useRef('')
  useEffect(() => {
    const now = `${revision} ${round} ${pending}`
    const isSame = shown.current === now
    shown.current = now
    // The server responds again: the user may be in any field.
    if (isSame && error === null) return
    if (props.keepsFocus === true && isNew) return
    const id = `${ID}_${focused}`
    const field = box.current?.querySelector<HTMLElement>(`[id="${id}"], input[id^="${id}-"]`)
    // A disabled field loses the focus, which must stay in the dialog.
    if (pending) box.current?.focus()
    else field?.focus()
  }, [revision, round, pending, error])

  const submit = (wait: number): void => {
    if (pending || wait > 0) return
    setSent(revision)
    const removals = Object.fromEntries([...removed].map((field) => [field, null]))
    void flow.submit({ ...values, ...removals })
  }

  return (
    <StepFrame
      {...props}
      quiet={own !== null}
      isSent={sent === revision}
      bare={work !== null}
      primary={(wait) => (
        <>
          {move !== null && (
            <Button
              variant="default"
              disabled={pending}
              onClick={() => void move.keep().then(props.onCancel)}
            >
              {texts.t('keepAddress')}
            </Button>
          )}
          <RetryButton {...props} />
          <Button type="submit" form={formId} loading={pending} disabled={wait > 0}>
            {wait > 0
              ? texts.t('wait', { seconds: wait })
              : move !== null
                ? texts.t('changeAddress')
                : view.submit}
          </Button>
        </>
      )}
    >
      {(wait) => (
        <div ref={box} tabIndex={-1} style={{ outline: 'none' }} onPasteCapture={trimPasted}>
          {work !== null && <FlowProgress view={work} texts={texts} error={flow.error} />}
          <div hidden={work !== null}>
            {move !== null && <MovedAddress move={move} texts={texts} />}
            <MantineThemeProvider inherit theme={THEME}>
              <ThemedForm
                key={round}
                id={formId}
                idPrefix={ID}
                schema={schema}
                uiSchema={uiSchema}
                validator={validator}
                formData={values}
                extraErrors={extraErrors}
                disabled={pending}
                noHtml5Validate
                showErrorList={false}
                focusOnFirstError
                onChange={({ formData }, id) => {
                  const field = id?.slice(ID.length + 1)
                  edit((formData ?? {}) as JsonObject, field === undefined ? [] : [field])
                }}
                onError={() => {}}
                onSubmit={() => submit(wait)}
              />
            </MantineThemeProvider>
            {props.extra?.(view, (filled) => edit({ ...values, ...filled }, Object.keys(filled)))}
          </div>
        </div>
      )}
    </StepFrame>
  )
}

const isEmpty = (value: unknown): boolean => value === undefined || value === ''

/** Pastes a text into a line without the blanks around it. Text areas do not trim: some secrets need their line breaks. */
function trimPasted(event: ClipboardEvent<HTMLDivElement>): void {
  const { target, clipboardData } = event
  if (!(target instanceof HTMLInputElement)) return
  const text = clipboardData.getData('text')
  if (text === text.trim()) return
  event.preventDefault()
  // Unlike an assignment, this can be undone and informs React.
  document.execCommand('insertText', false, text.trim())
}
