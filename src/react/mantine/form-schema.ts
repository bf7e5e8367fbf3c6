import type { ErrorSchema, RJSFSchema, UiSchema } from '@rjsf/utils'
import { createElement, type ReactElement } from 'react'
import type { JsonObject } from '../../ports/json.ts'
import type { FieldSchema, FormView } from '../../view.ts'
import type { ComponentTexts } from './use-texts.ts'

const CODE = /^(code|otp|one_?time_?code|pin|totp|mfa_?code)$/i
const USERNAME = /^(user|user_?name|login|e?-?mail|account)$/i

/** Whether a field of a challenge is a one-time code, such as one from a text message. */
const isCode = ({ challenge }: Pick<FormView, 'challenge'>, field: string, schema: FieldSchema): boolean =>
  challenge !== undefined && (CODE.test(field) || schema.inputMode === 'numeric')

/**
 * Attributes for password managers. They never suggest a new password. Only a one-time code is readable: it is worthless
 * after its use, unlike a stored secret of that name.
 */
export function autofillOf(
  view: Pick<FormView, 'challenge'>,
  field: string,
  schema: FieldSchema,
): Readonly<Record<string, unknown>> {
  const keyboard = schema.inputMode === 'numeric' ? { inputMode: 'numeric' } : {}
  if (isCode(view, field, schema)) return { autoComplete: 'one-time-code', widget: 'text', ...keyboard }
  if (isSecret(schema)) return { autoComplete: 'current-password', ...keyboard }
  if (USERNAME.test(field) || schema.format === 'email') {
    return {
      autoComplete: 'username',
      autoCapitalize: 'none',
      spellCheck: false,
    }
  }
  return keyboard
}

/**
 * Converts the schema of a form to the type of @rjsf, which is mutable and lists all keywords. The labels of optional
 * fields are marked as optional.
 */
export const rjsfSchemaOf = ({ schema }: FormView, { t }: ComponentTexts): RJSFSchema => ({
  ...schema,
  required: [...schema.required],
  properties: Object.fromEntries(
    Object.entries(schema.properties).map(([field, one]) => {
      const isMarked = schema.required.includes(field) || isCheckBox(one)
      return [field, isMarked ? one : { ...one, title: t('optional', { label: one.title ?? field }) }]
    }),
  ) as RJSFSchema['properties'],
})

/** Whether a field is a check box: a boolean without choices. */
const isCheckBox = ({ type, oneOf }: FieldSchema): boolean => type === 'boolean' && oneOf === undefined

/** The labels of the button that shows and hides a secret. */
export interface SecretToggle {
  readonly show: string
  readonly hide: string
}

/** The texts and the action of the field of a stored secret. */
export interface StoredSecret {
  readonly kept: string
  readonly removed: string
  /** The buttons that remove the value, and that undo the removal. */
  readonly take: { readonly label: string; readonly name: string }
  readonly keep: { readonly label: string; readonly name: string }
  /** Marks the value as removed, or as kept. */
  remove(removed: boolean): void
}

/** The control of an optional secret that holds a value; undefined for other fields. */
function storedSecretOf(
  { stored, schema }: FormView,
  field: string,
  { t }: ComponentTexts,
  removed: Set<string>,
): StoredSecret | undefined {
  if (stored?.includes(field) !== true || schema.required.includes(field)) return undefined
  const label = schema.properties[field]?.title ?? field
  return {
    kept: t('isStored'),
    removed: t('isRemoved'),
    take: { label: t('remove'), name: t('removeOf', { label }) },
    keep: { label: t('keep'), name: t('keepOf', { label }) },
    remove: (isRemoved) => void (isRemoved ? removed.add(field) : removed.delete(field)),
  }
}

/**
 * The `uiSchema` of a form. `focused` is the field that gets the focus. `removed` collects the stored secrets that the
 * user removes.
 */
export function uiSchemaOf(
  view: FormView,
  texts: ComponentTexts,
  focused: string | undefined,
  removed: Set<string>,
): UiSchema {
  const { t } = texts
  const fields = view.order.map((field) => {
    const schema = view.schema.properties[field] ?? {}
    const stored = storedSecretOf(view, field, texts, removed)
    const [example] = (schema.examples ?? []) as readonly unknown[]
    const options = {
      ...autofillOf(view, field, schema),
      ...(example !== undefined && { placeholder: String(example) }),
      // Check boxes show the description of the schema, the other fields only that of their options.
      ...(schema.description !== undefined && !isCheckBox(schema) && { description: schema.description }),
      ...(schema.helpUrl !== undefined && { help: helpOf(schema.title ?? field, schema.helpUrl, texts) }),
      ...(stored !== undefined && { stored }),
      // A check box does not show the labels of the choices.
      ...(schema.type === 'boolean' && !isCheckBox(schema) && { widget: 'select' }),
      ...(isSecret(schema) && {
        toggle: {
          show: t('showSecret', { label: schema.title ?? field }),
          hide: t('hideSecret', { label: schema.title ?? field }),
        },
      }),
      // Mantine's dialog puts the focus there when it opens.
      ...(field === focused && { 'data-autofocus': true }),
    }
    return [field, { 'ui:options': options }] as const
  })
  return {
    ...Object.fromEntries(fields),
    'ui:order': [...view.order, '*'],
    'ui:options': { gridVerticalSpacing: 'md' },
    // The button is in the foot of the dialog.
    'ui:submitButtonOptions': { norender: true },
  }
}

/** The link to the help for a field. */
const helpOf = (label: string, href: string, { t }: ComponentTexts): ReactElement =>
  createElement(
    'a',
    {
      className: 'lk-link',
      href,
      target: '_blank',
      rel: 'noreferrer',
      'aria-label': t('learnMoreOf', { label }),
    },
    t('learnMore'),
  )

/** The errors of a view by field, in the format of @rjsf, except those of the `edited` fields. */
export function extraErrorsOf(view: FormView, edited: readonly string[] = []): ErrorSchema {
  const root: ErrorSchema = {}
  for (const [pointer, { text }] of Object.entries(view.errors)) {
    if (pointer === 'base' || edited.includes(pathOf(pointer)[0] ?? '')) continue
    let node = root as Record<string, ErrorSchema>
    for (const part of pathOf(pointer)) {
      node[part] ??= {}
      node = node[part] as Record<string, ErrorSchema>
    }
    ;(node as ErrorSchema).__errors = [text]
  }
  return root
}

/** The field to start with: the first with an error, else the first that is empty, else the first. */
export function firstField(view: FormView, values: JsonObject): string | undefined {
  const wrong = Object.keys(view.errors).map((pointer) => pathOf(pointer)[0])
  const { order } = view
  return (
    order.find((field) => wrong.includes(field)) ??
    order.find((field) => values[field] === undefined || values[field] === '') ??
    order[0]
  )
}

/** Errors that require the secrets again if the server sends no `keepSecrets`. */
const REFUSALS: ReadonlySet<string> = new Set(['invalid_auth', 'wrong_account', 'expired'])

/** Whether the service refused the secrets, so that the form drops them. */
export const isRefused = ({ errors }: FormView): boolean =>
  Object.values(errors).some(({ code, keepSecrets }) => !(keepSecrets ?? !REFUSALS.has(code)))

/** The values that stay in the form after the service refused them: all but secrets and codes. */
export function nonSecretValues(view: FormView, values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(values).filter(([field]) => {
      const schema = view.schema.properties[field]
      return schema !== undefined && !isSecret(schema) && !isCode(view, field, schema)
    }),
  )
}

const isSecret = (schema: FieldSchema): boolean => schema.writeOnly === true || schema.format === 'password'

/** The parts of a JSON Pointer (RFC 6901). */
const pathOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
