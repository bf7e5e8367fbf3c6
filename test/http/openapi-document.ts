import { Validator } from '@cfworker/json-schema'
import type { JsonSchema } from 'json-schema-faker'

type Json = Readonly<Record<string, unknown>>

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: JsonSchema
}

interface Content {
  readonly [mediaType: string]: { readonly schema: JsonSchema }
}

/** One operation of the OpenAPI document. */
export interface OperationDoc {
  readonly method: string
  readonly path: string
  readonly secured: boolean
  readonly parameters: readonly Parameter[]
  /** The schema of its body; `null` if it has none. */
  readonly body: { readonly required: boolean; readonly schema: JsonSchema } | null
  readonly answers: Readonly<Record<string, { readonly content?: Content }>>
}

/** A parsed OpenAPI document. */
export class Document {
  readonly raw: Json
  readonly operations: readonly OperationDoc[]
  readonly #wholes = new WeakMap<object, JsonSchema>()

  constructor(raw: Json) {
    this.raw = raw
    const paths = raw.paths as Readonly<Record<string, Readonly<Record<string, Json>>>>
    this.operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const body = operation.requestBody as { required?: boolean; content: Content } | undefined
        return {
          method: method.toUpperCase(),
          path,
          secured: (operation.security as readonly unknown[]).length > 0,
          parameters: (operation.parameters ?? []) as readonly Parameter[],
          body:
            body === undefined
              ? null
              : {
                  required: body.required === true,
                  schema: this.whole(body.content['application/json']?.schema),
                },
          answers: operation.responses as OperationDoc['answers'],
        }
      }),
    )
  }

  /** Returns a schema with all references resolved. */
  whole(schema: JsonSchema | undefined): JsonSchema {
    if (typeof schema !== 'object') throw new Error('It has no schema.')
    const whole = this.#wholes.get(schema) ?? { ...schema, components: this.raw.components }
    this.#wholes.set(schema, whole)
    return whole
  }

  /** Returns the violations of a schema, including members that it does not define. */
  static faults(schema: JsonSchema, value: unknown): readonly string[] {
    const { errors } = validatorOf(schema).validate(value)
    return errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`)
  }
}

/** Validators by schema. To make one takes longer than to validate thousands of answers. */
const validators = new WeakMap<object, Validator>()

function validatorOf(schema: JsonSchema): Validator {
  if (typeof schema !== 'object') throw new Error('It has no schema.')
  const validator = validators.get(schema) ?? new Validator(closed(schema) as object, '2020-12', false)
  validators.set(schema, validator)
  return validator
}

/** Returns a schema whose objects allow only the members that it defines. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const all = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  const isOpen =
    typeof all.properties === 'object' && all.type !== undefined && !('additionalProperties' in all)
  return isOpen ? { ...all, additionalProperties: false } : all
}
