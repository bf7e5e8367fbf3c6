/**
 * Returns the code of a system error (`code`) or an SQLite error (`errcode`). Does not use `instanceof`, which is
 * false for errors of another realm, such as Node's own errors in jest.
 */
export function driverCode(error: unknown, field: 'code' | 'errcode'): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined
}
