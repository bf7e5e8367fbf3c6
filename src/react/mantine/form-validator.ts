import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema'
import { type RJSFSchema, type RJSFValidationError, toErrorSchema, type ValidatorType } from '@rjsf/utils'
import type { Values } from '../../texts/message.ts'

/** The server's codes for the same errors. Other keywords only report that a nested keyword failed. */
const CODES: Readonly<Record<string, string>> = {
  required: 'required',
  type: 'invalid_type',
  minLength: 'too_small',
  minimum: 'too_small',
  exclusiveMinimum: 'too_small',
  minItems: 'too_small',
  maxLength: 'too_big',
  maximum: 'too_big',
  exclusiveMaximum: 'too_big',
  maxItems: 'too_big',
  format: 'invalid_format',
  pattern: 'invalid_format',
  enum: 'invalid_value',
  const: 'invalid_value',
}

/**
 * A validator for @rjsf based on @cfworker/json-schema. Unlike ajv, it does not generate code, which a content security
 * policy may forbid.
 */
export function formValidator(textOf: (code: string, values: Values) => string): ValidatorType {
  const errorsOf = (schema: RJSFSchema, data: unknown): RJSFValidationError[] => {
    const named = new Map<string, RJSFValidationError>()
    const found = check(schema, data)
    const plain = found.filter(({ keyword }) => keyword in CODES)
    for (const unit of plain.length > 0 ? plain : found) {
      // The server has a better text.
      if (unit.keyword !== 'required' && hasOwnMessages(schema, unit)) continue
      const property = propertyOf(unit)
      const code = CODES[unit.keyword] ?? 'invalid'
      const message = textOf(code, valuesOf(schema, unit))
      // Only the first error of a field is shown.
      if (!named.has(property)) named.set(property, { name: code, property, message, stack: message })
    }
    return [...named.values()]
  }
  return {
    validateFormData: (data, schema) => {
      const errors = errorsOf(schema, data)
      return { errors, errorSchema: toErrorSchema(errors) }
    },
    isValid: (schema, data, root) =>
      check({ ...(root.$defs !== undefined && { $defs: root.$defs }), ...schema }, data).length === 0,
    rawValidation: <Result>(schema: RJSFSchema, data?: unknown) => ({
      errors: errorsOf(schema, data) as Result[],
    }),
  }
}

function check(schema: RJSFSchema, data: unknown): readonly OutputUnit[] {
  try {
    // The library modifies the schema.
    const own = structuredClone(schema) as Schema
    return new Validator(own, '2020-12', false).validate(data ?? null).errors
  } catch {
    // A pattern or reference is not supported here. The server validates the input anyway.
    return []
  }
}

/** Whether the integration has texts for the invalid values of a field. */
function hasOwnMessages({ properties }: RJSFSchema, { instanceLocation }: OutputUnit): boolean {
  const [, name = ''] = instanceLocation.split('/')
  const field = properties?.[decodeURIComponent(name)]
  return typeof field === 'object' && 'ownMessages' in field && field.ownMessages === true
}

/** The values of the error texts: the type of the field, the limit that the value exceeds, and an example. */
function valuesOf(schema: RJSFSchema, { keyword, instanceLocation }: OutputUnit): Values {
  let field: RJSFSchema = schema
  for (const part of instanceLocation.split('/').slice(1)) {
    const inner = field.properties?.[decodeURIComponent(part)] ?? field.items
    field = typeof inner === 'object' && !Array.isArray(inner) ? inner : {}
  }
  const limit = (field as Readonly<Record<string, unknown>>)[keyword]
  const { examples } = field
  return {
    // As the server does: the limit of a whole number reads like that of any number.
    type: field.type === 'integer' && typeof limit === 'number' ? 'number' : String(field.type),
    limit: typeof limit === 'number' ? limit : '',
    example: String((Array.isArray(examples) ? examples[0] : examples) ?? 'none'),
  }
}

/** The path of the invalid value in the format of @rjsf: `.address.port`. */
function propertyOf({ keyword, instanceLocation, error }: OutputUnit): string {
  const path = instanceLocation
    .split('/')
    .slice(1)
    .map((part) => `.${decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')}`)
    .join('')
  // A missing property is reported at its parent. Only the message has its name.
  const missing = keyword === 'required' ? /"([^"]*)"/.exec(error)?.[1] : undefined
  return missing === undefined ? path : `${path}.${missing}`
}
