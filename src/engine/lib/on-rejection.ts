/** Calls `handle` if a callback of a host returned a promise, possibly of another realm, and the promise rejects. */
export function onRejection(returned: unknown, handle: (error: unknown) => void): void {
  if (typeof returned === 'object' && returned !== null && 'then' in returned)
    Promise.resolve(returned).catch(handle)
}
