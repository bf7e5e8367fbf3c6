import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { myHub } from '../../examples/my-hub/my-hub.ts'
import { accountIntegration } from '../../examples/oidc/account.ts'
import { ExampleProvider } from '../../examples/oidc/provider.ts'
import {
  type AnyIntegration,
  CannotConnectError,
  type ConnectContext,
  InvalidAuthError,
  type MigrateStep,
  Secret,
  SetupError,
  type SubentryName,
} from '../../src/index.ts'
import type { IntegrationWorld } from '../../src/testing/index.ts'
import { SignInBrowser } from '../oauth/sign-in-browser.ts'
import { account, lamp, screen } from './devices.ts'
import { myHubWorld } from './my-hub-world.ts'
import { failing, outcomes } from './outcomes.ts'

const OPTIONS = 'loads with other options'
const UNTOUCHED = 'does not change the entry if the account is different'
const REFUSES = 'rejects a wrong credential as invalid_auth, and recovers'
const SWITCHES = 'switches the entry to another account'
const ROOMS = 'adds and changes a sub-entry: Room'
const SAME = 'returns the same unique id each time'
const OLDER = 'migrates an entry of version 1 to this one'

describe('describeIntegration', () => {
  describe('with options', () => {
    const polling = (shortest: number): AnyIntegration => ({
      ...myHub,
      texts: {},
      options: z.object({ interval: z.int().default(30) }),
      async connect(values: never, context: ConnectContext<never, never, { interval: number }>) {
        if (context.options.interval < shortest) throw new SetupError()
        return myHub.connect(values, { ...context, options: {} } as never)
      },
    })
    const options = (set: object) => ({ start: async () => ({ ...(await myHubWorld.start()), ...set }) })

    it('changes options, and detects an entry that fails with them', async () => {
      const five = options({ options: { interval: 5 } })
      expect(failing(await outcomes(polling(0), five))).toEqual([])
      const found = await outcomes(polling(10), five)
      expect(failing(found)).toEqual([OPTIONS])
      expect(found[OPTIONS]).toContain('my_hub: the entry is not loaded with other options.')
    })

    it('reports a world without options', async () => {
      const found = await outcomes(polling(0))
      expect(found[OPTIONS]).toBe('my_hub: the world has no `options` to set.')
    })
  })

  describe('with an address', () => {
    const SLASH = 'links an address with a slash at its end: host'
    const IPV6 = 'links a bare IPv6 address: host'
    const at = (base: (host: string) => string): AnyIntegration => ({
      ...myHub,
      async connect({ host, apiToken }: { host: string; apiToken: Secret }, context: ConnectContext) {
        const { fetch, signal } = context
        const init = { headers: { authorization: `Bearer ${apiToken.reveal()}` }, signal }
        const path = `${base(host)}/api/me`
        const request = host.includes('localhost') ? fetch(new Request(path, init)) : fetch(path, init)
        const response = await request.catch(() => null)
        if (response?.status === 401) throw new InvalidAuthError()
        if (response?.ok !== true) throw new CannotConnectError()
        return { client: {}, uniqueId: z.object({ id: z.string() }).parse(await response.json()).id }
      },
    })

    it('links it in each spelling', async () => {
      expect(failing(await outcomes(at((host) => `http://${host}`)))).toEqual([])
      const named = {
        async start() {
          const { good, ...service } = await myHubWorld.start()
          return {
            ...service,
            good: { ...good, host: `http://${good.host}`.replace('127.0.0.1', 'localhost') },
          }
        },
      }
      expect(
        failing(
          await outcomes(
            at((host) => host.replace(/^(?!http:)/, 'http://')),
            named,
          ),
        ),
      ).toEqual([])
    })

    it('detects a connect that takes the first colon for that of the port', async () => {
      const found = await outcomes(
        at((host) => {
          const [name, port = '80'] = host.split(':')
          return `http://${name}:${port}`
        }),
      )
      expect(failing(found)).toEqual([IPV6])
      expect(found[IPV6]).toContain('connect must reach the IPv6 address "2001:db8::7" of the field host.')
      expect(found).toHaveProperty([SLASH], null)
    })

    it('cannot redirect a client with its own sockets', async () => {
      const own: AnyIntegration = {
        ...myHub,
        connect: (values: never, context: ConnectContext) =>
          myHub.connect(values, { ...context, fetch } as never),
      }
      expect(failing(await outcomes(own))).toEqual([])
    })
  })

  describe('with sub-entries', () => {
    const rooms = (name: (values: { name: string }) => SubentryName, most = 9): AnyIntegration => ({
      ...myHub,
      texts: {},
      subentries: { room: { title: 'Room', fields: z.object({ name: z.string() }), name } },
      async connect(values: never, context: ConnectContext) {
        if (context.subentries.length > most) throw new SetupError()
        return myHub.connect(values, { ...context, subentries: [] } as never)
      },
    })
    const named = ({ name }: { name: string }) => ({ title: name, uniqueId: name })
    const hall = {
      start: async () => ({ ...(await myHubWorld.start()), subentries: { room: { name: 'Hall' } } }),
    }

    it('adds and changes one, and detects an entry that fails with it', async () => {
      expect(failing(await outcomes(rooms(named), hall))).toEqual([])
      const found = await outcomes(rooms(named, 0), hall)
      expect(failing(found)).toEqual([ROOMS])
      expect(found[ROOMS]).toContain('my_hub: the entry is not loaded with a sub-entry of the type room.')
    })

    it('detects a unique id that changes', async () => {
      const found = await outcomes(
        rooms(({ name }) => ({ title: name, uniqueId: crypto.randomUUID() })),
        hall,
      )
      expect(failing(found)).toEqual([ROOMS])
      expect(found[ROOMS]).toContain('the flow must end with already_configured: it created an entry')
    })

    it('reports a world without sub-entries', async () => {
      const found = await outcomes(rooms(named))
      expect(found[ROOMS]).toBe('my_hub: the world has no `subentries.room`.')
    })
  })

  describe('with a sign-in on the service’s page', () => {
    let provider: ExampleProvider
    beforeAll(async () => {
      provider = await ExampleProvider.start()
    })
    afterAll(() => provider.stop())

    const isBack = ({ pathname }: URL) => pathname.startsWith('/oauth/callback/')
    const there: IntegrationWorld = {
      start: async () => ({
        good: { user: 'alice', choices: { pick_method: 'browser' } },
        fresh: null,
        other: { user: 'bob' },
        bad: { user: '' },
        signIn: async (address, { user }) =>
          (await new SignInBrowser().signIn(address, String(user), isBack)).url.href,
        approve: async (userCode, { user }) => {
          await new SignInBrowser().enterCode(`${provider.issuer}/device`, userCode, String(user))
        },
        unreachable: () => provider.stop(),
        back: async () => {
          provider = await ExampleProvider.start({ port: Number(new URL(provider.issuer).port) })
        },
        stop: async () => {},
      }),
    }

    it('signs in to the account, to another one, and refuses access', async () => {
      expect(failing(await outcomes(accountIntegration(provider.issuer), there))).toEqual([])
    })

    it('detects a unique id that is the same for all accounts', async () => {
      const account = accountIntegration(provider.issuer)
      const connect: typeof account.connect = async (stored, context) => ({
        ...(await account.connect(stored, context)),
        uniqueId: 'the account',
      })
      expect(failing(await outcomes({ ...account, connect }, there))).toEqual([UNTOUCHED, SWITCHES, SAME])
    })

    it('notices a mistake in the method that no other test chooses', async () => {
      const account: AnyIntegration = accountIntegration(provider.issuer)
      const { device } = account.methods ?? {}
      if (device?.authorize?.grant !== 'device') throw new Error('The example has no method with a code.')
      const poll = async () => ({ type: 'rejected' }) as const
      const methods = { ...account.methods, device: { ...device, authorize: { ...device.authorize, poll } } }
      const found = await outcomes({ ...account, methods }, there)
      expect(failing(found)).toEqual([
        'sets up and reauthenticates an entry with the method: With a code on another device',
      ])
    })

    it('reports a world without signIn', async () => {
      const away: IntegrationWorld = {
        async start() {
          const { signIn: _, ...service } = await there.start()
          return service
        },
      }
      const found = await outcomes(accountIntegration(provider.issuer), away)
      expect(found['sets up an entry']).toBe(
        'account, step authorize: the world has no `signIn` for this page.',
      )
    })
  })

  describe('with an older version', () => {
    const older: IntegrationWorld = {
      async start() {
        const service = await myHubWorld.start()
        const { host, apiToken } = service.good
        return { ...service, older: { 1: { address: String(host), apiToken: new Secret(String(apiToken)) } } }
      },
    }
    const second = (step: MigrateStep) => ({ ...myHub, version: 2, migrate: { 1: step } })

    it('migrates its values, and detects a migration that loses some', async () => {
      const good = second(({ values: { address, apiToken } }) => ({ values: { host: address, apiToken } }))
      expect(failing(await outcomes(good, older))).toEqual([])
      const found = await outcomes(
        second(({ values: { address } }) => ({ values: { host: address } })),
        older,
      )
      expect(failing(found)).toEqual([OLDER])
      expect(found[OLDER]).toContain('my_hub: the entry is not loaded after its migration from version 1.')
    })

    it('reports a world without older values', async () => {
      const found = await outcomes(second((old) => old))
      expect(found[OLDER]).toBe('my_hub: the world has no `older[1]`.')
    })
  })

  describe('of a device without a sign-in', () => {
    it('needs no value that the device refuses', async () => {
      const { integration, world } = lamp()
      expect(failing(await outcomes(integration, world))).toEqual([])
    })

    it('is a mistake if a field is a secret', async () => {
      const { integration, world } = account()
      const away = { start: async () => ({ ...(await world.start()), bad: null }) }
      const found = await outcomes(integration, away)
      expect(failing(found)).toEqual([REFUSES])
      expect(found[REFUSES]).toBe(
        'account: the world has `bad: null`, but the field "password" is a secret. Add a value that the service refuses.',
      )
    })

    it('plays the follow-up flow, and reports a world without its values', async () => {
      const { integration, world } = lamp()
      const away: IntegrationWorld = {
        async start() {
          const { next: _, ...service } = await world.start()
          return service
        },
      }
      const found = await outcomes(integration, away)
      expect(failing(found)).toEqual(['completes the follow-up flow'])
      expect(found['completes the follow-up flow']).toBe(
        'lamp: the world has no `next` for the follow-up flow.',
      )
      expect(Object.keys(await outcomes(lamp(false).integration, world))).not.toContain(
        'completes the follow-up flow',
      )
    })

    it('detects a follow-up flow that does not come', async () => {
      const { integration, world } = lamp()
      const found = await outcomes({ ...integration, next: () => null }, world)
      expect(failing(found)).toEqual(['completes the follow-up flow'])
      expect(found['completes the follow-up flow']).toContain('next returned no follow-up flow')
    })
  })

  describe('with a user name and a password', () => {
    it('accepts that the password of another account is refused', async () => {
      const { integration, world } = account()
      expect(failing(await outcomes(integration, world))).toEqual([])
    })
  })

  describe('with a device code', () => {
    it('enters the code as the account, as another one, and refuses access', async () => {
      const { integration, world } = screen()
      expect(failing(await outcomes(integration, world))).toEqual([])
    })

    it('reports a world without approve', async () => {
      const { integration, world } = screen()
      const away: IntegrationWorld = {
        async start() {
          const { approve: _, ...service } = await world.start()
          return service
        },
      }
      const found = await outcomes(integration, away)
      expect(found['sets up an entry']).toBe('screen, step device: the world has no `approve` for this code.')
    })
  })
})
