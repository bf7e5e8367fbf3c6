import { ScriptedService } from '../../src/testing/scripted-service.ts'

type Overrides = ConstructorParameters<typeof ScriptedService>[0]

/** A service with clients whose `dispose` hangs while `hangs` is set. `let go` settles those that hang. */
export function hangingService(overrides: Overrides = {}) {
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  const state = { hangs: true, disposals: 0, waiting }
  const service = new ScriptedService()
  const { connect } = service.integration
  const hanging = new ScriptedService({
    async connect(values, context) {
      const connected = await connect(values, context)
      if (!('client' in connected)) return connected
      return {
        ...connected,
        dispose: async () => {
          state.disposals++
          await connected.dispose?.()
          if (state.hangs) await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }))
        },
      }
    },
    ...overrides,
  })
  // Scripts and counts connections as usual, but with the clients that hang.
  return Object.assign(state, { service: Object.assign(service, { integration: hanging.integration }) })
}
