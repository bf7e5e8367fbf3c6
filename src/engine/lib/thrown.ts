/** Returns the text of a property; undefined if it is not text or cannot be read. */
export function textOf(error: Error, property: 'name' | 'message' | 'code' | 'stack'): string | undefined {
  try {
    const value: unknown = Reflect.get(error, property)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** Returns the cause of an error; undefined if it cannot be read. */
export function causeOf(error: Error): unknown {
  try {
    return error.cause
  } catch {
    return undefined
  }
}

/** Whether a value is an error, possibly of another realm, such as a frame, a worker or a test runner. */
export function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error || kinds.has(Object.prototype.toString.call(thrown))
  } catch {
    return false
  }
}

const kinds: ReadonlySet<string> = new Set(['[object Error]', '[object DOMException]'])
