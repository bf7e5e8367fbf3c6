import { adoptIt, endCalls, explain, retire } from './config-entry-outcomes.ts'
import { configEntrySetup } from './config-entry-setup.ts'

/** The states of an entry while its connection closes. Each has a limit. */
export const unloadStates = {
  unload_in_progress: configEntrySetup.createStateConfig({
    description: 'The entry is unloaded for the host. Its connection closes.',
    entry: endCalls,
    initial: 'draining',
    states: {
      draining: {
        description: 'Waits until the calls in progress and the listeners of the host have ended.',
        tags: 'working',
        invoke: {
          id: 'drainConnection',
          src: 'drainConnection',
          input: ({ context }) => ({ connection: context.connection }),
          onDone: 'disposing',
          onError: 'disposing',
        },
        after: { drainTimeout: 'disposing' },
      },
      disposing: {
        description: 'Waits until the client has closed its connection.',
        tags: 'working',
        invoke: {
          id: 'disposeConnection',
          src: 'disposeConnection',
          input: ({ context }) => ({ connection: context.connection }),
          onDone: { target: '#configEntry.not_loaded', actions: 'releaseConnection' },
          onError: { target: '#configEntry.failed_unload', actions: explain('failed_unload') },
        },
        after: {
          disposeTimeout: {
            target: '#configEntry.failed_unload',
            actions: [explain('failed_unload'), 'reportTimeout'],
          },
        },
      },
    },
    on: { forceUnload: { target: 'not_loaded', actions: retire } },
  }),

  failed_unload: configEntrySetup.createStateConfig({
    description: 'The connection could not be closed, or not in time. It may be released by force.',
    on: {
      forceUnload: { target: 'not_loaded', actions: 'releaseConnection' },
      adopt: { target: 'loaded', actions: adoptIt },
    },
  }),
}
