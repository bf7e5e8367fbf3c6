/** The JSON of a view, an entry or a list. The schema of a form is frozen, and shown often: its text is kept as long as it is. */
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
