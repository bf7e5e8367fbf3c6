import * as z from 'zod'
import { CannotConnectError, defineIntegration, InvalidAuthError, secret } from '../../src/index.ts'
import type { IntegrationWorld } from '../../src/testing/index.ts'

let away = false
let session = false

/** An integration with a mistake: it connects only where its menu has been shown before, which an import does not do. */
export const plans = defineIntegration({
  ...{ domain: 'plans', title: 'Plans' },
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
    if (!session) throw new CannotConnectError('There is no session.')
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
