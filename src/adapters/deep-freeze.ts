/** Freezes a JSON value recursively, so that a stored record cannot be changed through another reference. */
export function deepFreeze<Value>(value: Value): Value {
  Object.freeze(value)
  // `for in` creates no array of the members. Every write of the memory store runs this.
  for (const key in value) {
    const member = value[key]
    if (typeof member === 'object' && member !== null) deepFreeze(member)
  }
  return value
}
