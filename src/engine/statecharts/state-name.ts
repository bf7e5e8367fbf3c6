import type { StateValue } from 'xstate'

/** A state's name as text: `checkingConnection`, `asking.user`. */
export function stateName(value: StateValue): string {
  if (typeof value === 'string') return value
  return Object.entries(value)
    .map(([state, child]) => (child === undefined ? state : `${state}.${stateName(child)}`))
    .join(' ')
}

/** The name of an event: `submit`, `done checkConnection`, `error checkConnection`, `after livedLong`; `init` at the start. */
export function eventName(type: string): string {
  return type
    .replace(/^xstate\.(done|error)\.actor\./, '$1 ')
    .replace(/^xstate\.after\.([^.]+)\..*$/, 'after $1')
    .replace(/^xstate\./, '')
}
