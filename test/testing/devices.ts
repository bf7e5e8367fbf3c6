import * as z from 'zod'
import {
  type Authorizer,
  address,
  CannotConnectError,
  defineIntegration,
  defineIntegrationWithMethods,
  InvalidAuthError,
  secret,
} from '../../src/index.ts'
import type { IntegrationWorld, StandingService } from '../../src/testing/index.ts'

/** A service in memory that can be unreachable. */
class Place {
  isAway = false
  readonly codes = new Map<string, string | null>()

  reach(): void {
    if (this.isAway) throw new CannotConnectError()
  }

  standing(service: Omit<StandingService, 'unreachable' | 'back' | 'stop'>): StandingService {
    return {
      ...service,
      unreachable: async () => {
        this.isAway = true
      },
      back: async () => {
        this.isAway = false
      },
      stop: async () => {},
    }
  }
}

/** A discovered device without a sign-in, and with a follow-up flow for its options. */
export function lamp(withFollowUp = true) {
  const place = new Place()
  const integration = defineIntegration({
    domain: 'lamp',
    title: 'Lamp',
    fields: z.object({ host: address() }),
    options: z.object({ dimmed: z.boolean().default(false) }),
    connect: async ({ host }) => {
      place.reach()
      return { client: {}, uniqueId: host.startsWith('attic') ? 'lamp-1' : 'lamp-2' }
    },
    ...(withFollowUp && { next: () => ({ source: 'options' as const }) }),
  })
  const world: IntegrationWorld = {
    start: async () =>
      place.standing({
        good: { host: 'attic' },
        fresh: { host: 'attic.local' },
        other: { host: 'cellar' },
        bad: null,
        options: { dimmed: true },
        next: { dimmed: true },
        discovery: { uniqueId: 'lamp-1', values: { host: 'attic' } },
      }),
  }
  return { integration, world }
}

/** An account with a user name and a password. Its reauthentication asks only for the password. */
export function account() {
  const place = new Place()
  const passwords = new Map([
    ['ada', 'password-of-ada'],
    ['bob', 'password-of-bob'],
  ])
  const integration = defineIntegration({
    domain: 'account',
    title: 'Account',
    fields: z.object({ username: z.string(), password: secret() }),
    connect: async ({ username, password }) => {
      place.reach()
      if (passwords.get(username) !== password.reveal()) throw new InvalidAuthError()
      return { client: {}, uniqueId: username }
    },
  })
  const world: IntegrationWorld = {
    start: async () =>
      place.standing({
        good: { username: 'ada', password: 'password-of-ada' },
        fresh: null,
        other: { username: 'bob', password: 'password-of-bob' },
        bad: { password: 'password-of-eve' },
      }),
  }
  return { integration, world }
}

/** An account that is linked with a device code. The user approves it at the service. */
export function screen() {
  const place = new Place()
  const { codes } = place
  const authorize: Authorizer = {
    grant: 'device',
    begin: async () => {
      place.reach()
      const userCode = `CODE-${codes.size + 1}`
      codes.set(userCode, '')
      const page = { verificationUri: 'https://screen.example/device' }
      return { ...page, userCode, deviceCode: `device-of-${userCode}`, interval: 5_000, lifetime: 600_000 }
    },
    poll: async (deviceCode) => {
      const user = codes.get(deviceCode.replace('device-of-', ''))
      if (user === null) return { type: 'rejected' }
      if (user === undefined || user === '') return { type: 'pending' }
      return { type: 'granted', values: { user, token: `token-of-${user}` } }
    },
  }
  const integration = defineIntegrationWithMethods({
    domain: 'screen',
    title: 'Screen',
    stored: z.object({ user: z.string(), token: secret() }),
    methods: { code: { title: 'With a code', authorize } },
    connect: async ({ user }) => {
      place.reach()
      return { client: {}, uniqueId: user }
    },
  })
  const world: IntegrationWorld = {
    start: async () =>
      place.standing({
        good: { user: 'ada' },
        fresh: null,
        other: { user: 'bob' },
        bad: { user: '' },
        approve: async (userCode, { user }) => {
          codes.set(userCode, user === '' ? null : String(user))
        },
      }),
  }
  return { integration, world }
}
