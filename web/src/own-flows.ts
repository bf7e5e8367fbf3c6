import type { OwnFlows } from '../../src/client/index.ts'

const KEY = 'latchkey-flows'
/** The number of ids that are stored. */
const MOST = 20

const read = (): readonly string[] => (sessionStorage.getItem(KEY) ?? '').split(' ')
const write = (flowIds: readonly string[]): void =>
  sessionStorage.setItem(KEY, flowIds.slice(-MOST).join(' '))
const others = (flowId: string): readonly string[] => read().filter((id) => id !== flowId)

/** The flows of this window. They are still its flows after a reload. */
export const ownFlows: OwnFlows = {
  has: (flowId) => read().includes(flowId),
  add: (flowId) => write([...others(flowId), flowId]),
  delete: (flowId) => write(others(flowId)),
}
