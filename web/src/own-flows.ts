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
  add: (flowId) => write(sessionStorage, [...others(flowId), flowId]),
  delete: (flowId) => write(sessionStorage, others(flowId)),
}

/**
 * Takes the flows of closed windows of this browser, and leaves those of this window when it closes. The next window can
 * continue them. It sees them only if its user may.
 */
export function inheritFlows(): void {
  write(sessionStorage, [...idsIn(localStorage), ...idsIn(sessionStorage)])
  localStorage.removeItem(KEY)
  addEventListener('pagehide', ({ persisted }) => {
    // A window that the back button can restore still has them.
    if (!persisted) write(localStorage, [...idsIn(localStorage), ...idsIn(sessionStorage)])
  })
}
