import type { ErrorSchema, RJSFSchema, UiSchema } from '@rjsf/utils'
import type { JsonObject } from '../../ports/json.ts'
import type { FieldSchema, FormView } from '../../view.ts'
import type { ComponentTexts } from './use-texts.ts'

const CODE = /^(code|otp|one_?time_?code|pin|totp|mfa_?code)$/i
const USERNAME = /^(user|user_?name|login|e?-?mail|account)$/i

/** What a password manager needs to know of a field; it is never offered to make a new password up. */
export function autofillOf(field: string, schema: FieldSchema): Readonly<Record<string, unknown>> {
  if (CODE.test(field))
    return {
      autoComplete: 'one-time-code',
      inputMode: 'numeric',
      widget: 'text',
    }
  if (isSecret(schema)) return { autoComplete: 'current-password' }
  if (USERNAME.test(field) || schema.format === 'email') {
    return {
      autoComplete: 'username',
      autoCapitalize: 'none',
      spellCheck: false,
    }
  }
  return {}
}

/** The schema of a form as @rjsf takes it: by its types it may write there, and knows each keyword. */
export const rjsfSchemaOf = ({ schema }: FormView): RJSFSchema => ({
  ...schema,
  required: [...schema.required],
  properties: schema.properties as RJSFSchema['properties'],
})

/** How @rjsf is to show a form; `focused` is the field that a person starts with. */
export function uiSchemaOf(view: FormView, { t }: ComponentTexts, focused: string | undefined): UiSchema {
  const fields = view.order.map((field) => {
    const schema = view.schema.properties[field] ?? {}
    const options = {
      ...autofillOf(field, schema),
      ...(isSecret(schema) && {
        visibilityToggleButtonProps: { 'aria-label': t('showSecret') },
      }),
      // Mantine's dialog puts the focus there when it opens.
      ...(field === focused && { 'data-autofocus': true }),
    }
    return [field, { 'ui:options': options }] as const
  })
  return { ...Object.fromEntries(fields), 'ui:order': [...view.order, '*'] }
}

/** The errors of a view at their fields, as @rjsf takes them. */
export function extraErrorsOf(view: FormView): ErrorSchema {
  const root: ErrorSchema = {}
  for (const [pointer, { text }] of Object.entries(view.errors)) {
    if (pointer === 'base') continue
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

/** The values that may be kept after a submit: those of no secret. */
export function clearValues(view: FormView, values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(values).filter(([field]) => {
      const schema = view.schema.properties[field]
      return schema !== undefined && !isSecret(schema) && !CODE.test(field)
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
