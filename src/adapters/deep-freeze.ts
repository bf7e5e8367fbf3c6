/** Freezes a JSON value to its leaves, so that a stored record cannot be changed by holding on to it. */
export function deepFreeze<Value>(value: Value): Value {
  Object.freeze(value)
  // `for in` makes no array of the members: every write of the memory store passes here.
  for (const key in value) {
    const member = value[key]
    if (typeof member === 'object' && member !== null) deepFreeze(member)
  }
  return value
}
