import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema'
import { type RJSFSchema, type RJSFValidationError, toErrorSchema, type ValidatorType } from '@rjsf/utils'

/** The codes that the server gives for the same faults. Other keywords only say that something below them is at fault. */
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
 * Checks forms as @rjsf asks for it, over @cfworker/json-schema: unlike ajv it makes no code, which a page's content
 * security policy forbids.
 */
export function formValidator(textOf: (code: string) => string): ValidatorType {
  const errorsOf = (schema: RJSFSchema, data: unknown): RJSFValidationError[] => {
    const named = new Map<string, RJSFValidationError>()
    const found = check(schema, data)
    const plain = found.filter(({ keyword }) => keyword in CODES)
    for (const unit of plain.length > 0 ? plain : found) {
      const property = propertyOf(unit)
      const code = CODES[unit.keyword] ?? 'invalid'
      const message = textOf(code)
      // One sentence for a field is enough, and the first is the plainest.
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
    // Copied, since the library writes into the schema that it is given.
    const own = structuredClone(schema) as Schema
    return new Validator(own, '2020-12', false).validate(data ?? null).errors
  } catch {
    // A pattern or a reference that cannot be read: the server checks it all the same.
    return []
  }
}

/** The path of what is at fault, as @rjsf writes it: `.address.port`. */
function propertyOf({ keyword, instanceLocation, error }: OutputUnit): string {
  const path = instanceLocation
    .split('/')
    .slice(1)
    .map((part) => `.${decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')}`)
    .join('')
  // A missing property is told of its parent; its name stands in the sentence alone.
  const missing = keyword === 'required' ? /"([^"]*)"/.exec(error)?.[1] : undefined
  return missing === undefined ? path : `${path}.${missing}`
}
