import { ScriptedService } from '../../src/testing/scripted-service.ts'

/** A service whose connections cannot be closed as long as `stuck` is set. */
export function stickyService() {
  const state = { stuck: true, disposals: 0 }
  const service = new ScriptedService({
    connect: async () => ({
      client: { account: 'ann', ping: () => 'pong', drop: () => {} },
      uniqueId: 'ann',
      dispose: async () => {
        state.disposals++
        if (state.stuck) throw new Error('It does not close, says good.')
      },
    }),
  })
  return Object.assign(state, { service })
}
