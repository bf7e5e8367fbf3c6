import * as z from 'zod'
import { CannotConnectError, defineIntegration, InvalidAuthError, secret } from '../../src/index.ts'
import type { IntegrationWorld } from '../../src/testing/index.ts'

let away = false
let session = false

/** An integration that connects only after its choices were loaded, which an import does, too. */
export const plans = defineIntegration({
  domain: 'plans',
  title: 'Plans',
  fields: z.object({ plan: z.string(), token: secret() }),
  pages: {
    login: ['token'],
    plan: {
      menu: 'plan',
      options: async () => {
        session = true
        return { free: 'Free' }
      },
    },
  },
  async connect({ token }) {
    if (away) throw new CannotConnectError()
    if (token.reveal() !== 'good-token') throw new InvalidAuthError()
    if (!session) throw new CannotConnectError('The session has not been opened.')
    return { client: null, uniqueId: 'plan-1' }
  },
})

export const plansWorld: IntegrationWorld = {
  async start() {
    session = false
    away = false
    return {
      good: { plan: 'free', token: 'good-token', choices: { plan: 'free' } },
      fresh: null,
      other: null,
      bad: { token: 'bad-token' },
      unreachable: async () => {
        away = true
      },
      back: async () => {
        away = false
      },
      stop: async () => {},
    }
  },
}
