/**
 * The code that the system (`code`) or SQLite (`errcode`) gave to an error. Asked without `instanceof`, which says
 * no to an error of another realm, as Node's own are inside of jest.
 */
export function driverCode(error: unknown, field: 'code' | 'errcode'): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined
}
