/** Serializes a body to JSON. The text of a frozen form schema is cached, because many views share it. */
export function jsonText(body: object): string {
  if (!('schema' in body) || !isFrozen(body.schema)) return JSON.stringify(body)
  const others = JSON.stringify({ ...body, schema: undefined }).slice(1)
  return `{"schema":${schemaText(body.schema)}${others === '}' ? '' : ','}${others}`
}

const texts = new WeakMap<object, string>()

const isFrozen = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.isFrozen(value)

function schemaText(schema: object): string {
  let text = texts.get(schema)
  if (text === undefined) {
    text = JSON.stringify(schema)
    texts.set(schema, text)
  }
  return text
}
