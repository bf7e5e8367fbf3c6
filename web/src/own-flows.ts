import type { OwnFlows } from '../../src/client/index.ts'

const KEY = 'latchkey-flows'
/** The number of ids that are stored. */
const MOST = 20

const idsIn = (storage: Storage): readonly string[] => (storage.getItem(KEY) ?? '').split(' ').filter(Boolean)
const write = (storage: Storage, flowIds: Iterable<string>): void =>
  storage.setItem(KEY, [...new Set(flowIds)].slice(-MOST).join(' '))
const others = (flowId: string): readonly string[] => idsIn(sessionStorage).filter((id) => id !== flowId)

/** The flows of this window. They are still its flows after a reload. */
export const ownFlows: OwnFlows = {
  has: (flowId) => idsIn(sessionStorage).includes(flowId),
  add: (flowId) => {
    write(sessionStorage, [...others(flowId), flowId])
    takeBack()
  },
  delete: (flowId) => write(sessionStorage, others(flowId)),
}

const takeBack = (): void => {
  const left = idsIn(localStorage)
  const rest = left.filter((id) => !ownFlows.has(id))
  // The storage can be full, and refuse a write.
  if (rest.length < left.length) write(localStorage, rest)
}

/**
 * Whether a window of this browser has left the flow. Another window can continue it, but does not cancel it by closing
 * its dialog: the first may only have gone to the page of a service.
 */
export const isLeft = (flowId: string): boolean => idsIn(localStorage).includes(flowId)

/** Leaves the flows of this window when it closes, and takes them back when it is shown again. */
export function leaveFlows(): void {
  addEventListener('pagehide', () => write(localStorage, [...idsIn(localStorage), ...idsIn(sessionStorage)]))
  addEventListener('pageshow', takeBack)
}
