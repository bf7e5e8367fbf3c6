import { describe, it } from '@jest/globals'
import { describeIntegration } from '../../src/testing/index.ts'
import { myHub } from '../my-hub/my-hub.ts'
import { MyService } from '../my-hub/service.ts'

/** Starts a service for one test, and returns the input that it accepts and rejects. */
async function start() {
  const service = await MyService.start()
  service.tokens.set('token-1', { id: 'hub-1', name: 'Living room' })
  service.tokens.set('token-2', { id: 'hub-1', name: 'Living room' })
  service.tokens.set('token-3', { id: 'hub-2', name: 'Neighbors' })
  return {
    good: { host: service.host, apiToken: 'token-1' },
    fresh: { apiToken: 'token-2' }, // of the same account; null if there is no second one
    other: { apiToken: 'token-3' }, // of another account, or null
    bad: { apiToken: 'token-9' },
    async unreachable() {
      service.down = true
    },
    async back() {
      service.down = false
    },
    stop: () => service.stop(),
  }
}

describeIntegration(myHub, { start }, { describe, it })
