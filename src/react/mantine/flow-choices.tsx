import { Button, Input } from '@mantine/core'
import { useId } from 'react'
import type { FieldSchema, FormView, ProgressView } from '../../view.ts'
import { FlowProgress } from './flow-progress.tsx'
import { Icon } from './icon.tsx'
import { StepFrame, type StepProps } from './step-frame.tsx'

/** A choice of a field. */
interface Choice {
  readonly const: string | number | boolean
  readonly title: string
  readonly description?: string
}

/** Returns the choices of a field; null if it has none. An empty `enum` is a list that is not loaded. */
function choicesOf({ oneOf, enum: allowed }: FieldSchema): readonly Choice[] | null {
  if (Array.isArray(oneOf) && oneOf.every(isChoice)) return oneOf
  return Array.isArray(allowed) && allowed.length === 0 ? [] : null
}

const isChoice = (choice: unknown): choice is Choice =>
  typeof choice === 'object' && choice !== null && 'const' in choice && 'title' in choice

/** Returns the field that a form shows as rows: its only field, which needs a value from a list. */
export function rowsFieldOf({ order, schema }: FormView): string | null {
  const [field] = order
  if (field === undefined || order.length > 1 || !schema.required.includes(field)) return null
  return choicesOf(schema.properties[field] ?? {}) === null ? null : field
}

/** The props of a form with one list. */
interface FlowChoicesProps extends StepProps<FormView> {
  readonly field: string
  /** The work that is shown instead of the list. */
  readonly work: ProgressView | null
}

/** A form whose only field has choices: a row for each. The current one has the focus, or the first. */
export function FlowChoices(props: FlowChoicesProps) {
  const { view, flow, texts, field, work } = props
  const { title = field, description, ...schema } = view.schema.properties[field] ?? {}
  const id = useId()
  const choices = choicesOf(schema) ?? []
  const current = choices.find((choice) => choice.const === view.values[field])
  const error = view.errors[`/${field}`]
  return (
    <StepFrame
      {...props}
      bare={work !== null}
      primary={() => view.mayRetry === true && <RetryButton {...props} />}
    >
      {(wait) =>
        work !== null ? (
          <FlowProgress view={work} texts={texts} error={flow.error} />
        ) : (
          <Input.Wrapper id={id} labelElement="div" label={title} description={description}>
            {error !== undefined && <p role="alert">{error.text}</p>}
            <fieldset className="lk-rows" aria-labelledby={`${id}-label`}>
              {choices.map((choice, index) => (
                <button
                  key={String(choice.const)}
                  type="button"
                  className="lk-row mantine-focus-auto"
                  disabled={flow.pending || wait > 0}
                  {...(choice === current && { 'aria-current': true })}
                  {...((current === undefined ? index === 0 : choice === current) && {
                    'data-autofocus': true,
                  })}
                  onClick={() => void flow.submit({ [field]: choice.const })}
                >
                  <span className="lk-grow">
                    <b>{choice.title}</b>
                    {choice.description !== undefined && <small>{choice.description}</small>}
                  </span>
                  <Icon name={choice === current ? 'check' : 'chevronRight'} size={16} className="lk-flip" />
                </button>
              ))}
            </fieldset>
          </Input.Wrapper>
        )
      }
    </StepFrame>
  )
}

/** The button that loads the choices of a form again; nothing if they are loaded. */
export function RetryButton({ view, flow, texts }: Pick<StepProps<FormView>, 'view' | 'flow' | 'texts'>) {
  if (view.mayRetry !== true) return null
  return (
    <Button variant="default" loading={flow.pending} onClick={() => void flow.retry()}>
      {texts.t('again')}
    </Button>
  )
}
