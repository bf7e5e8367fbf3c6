import { MyService } from '../../examples/my-hub/service.ts'
import type { IntegrationWorld } from '../../src/testing/index.ts'

/** The hub of the example with two accounts. */
export const myHubWorld: IntegrationWorld = {
  async start() {
    const service = await MyService.start()
    const account = { id: 'hub-1', name: 'Attic' }
    service.tokens.set('first-token-of-1', account).set('second-token-of-1', account)
    service.tokens.set('token-of-2', { id: 'hub-2', name: 'Cellar' })
    return {
      good: { host: service.host, apiToken: 'first-token-of-1' },
      fresh: { apiToken: 'second-token-of-1' },
      other: { apiToken: 'token-of-2' },
      bad: { apiToken: 'token-of-nobody' },
      moved: { host: service.host.replace('127.0.0.1', 'localhost') },
      discovery: { uniqueId: 'hub-1', values: { host: service.host }, key: 'mdns-1' },
      async unreachable() {
        service.down = true
      },
      async back() {
        service.down = false
      },
      stop: () => service.stop(),
    }
  },
}
