/**
 * Calls `handle` if a callback of a host returned a promise, possibly of another realm, and the promise rejects.
 *
 * @returns a promise that resolves after the callback; null if it returned none
 */
export function onRejection(returned: unknown, handle: (error: unknown) => void): Promise<unknown> | null {
  const isPromise = typeof returned === 'object' && returned !== null && 'then' in returned
  return isPromise ? Promise.resolve(returned).catch(handle) : null
}
