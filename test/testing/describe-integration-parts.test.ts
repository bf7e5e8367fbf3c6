import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { myHub } from '../../examples/my-hub/my-hub.ts'
import { accountIntegration } from '../../examples/oidc/account.ts'
import { ExampleProvider } from '../../examples/oidc/provider.ts'
import {
  type AnyIntegration,
  type ConnectContext,
  type MigrateStep,
  Secret,
  SetupError,
  type SubentryName,
} from '../../src/index.ts'
import type { IntegrationWorld } from '../../src/testing/index.ts'
import { SignInBrowser } from '../oauth/sign-in-browser.ts'
import { myHubWorld } from './my-hub-world.ts'
import { failing, outcomes } from './outcomes.ts'

const OPTIONS = 'runs with other options'
const UNTOUCHED = 'leaves the entry byte for byte as it was where the account is another'
const ROOMS = 'puts under the entry and changes: Room'
const OLDER = 'brings an entry of version 1 to this one'

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

    it('sets others, and finds those that it does not run with', async () => {
      const five = options({ options: { interval: 5 } })
      expect(failing(await outcomes(polling(0), five))).toEqual([])
      const found = await outcomes(polling(10), five)
      expect(failing(found)).toEqual([OPTIONS])
      expect(found[OPTIONS]).toContain('my_hub: the entry does not run with other options.')
    })

    it('says so where the world has none to set', async () => {
      const found = await outcomes(polling(0))
      expect(found[OPTIONS]).toBe('my_hub: the world gives no `options` to set.')
    })
  })

  describe('with things under its entries', () => {
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

    it('puts one there and changes it, and finds those that it does not run with', async () => {
      expect(failing(await outcomes(rooms(named), hall))).toEqual([])
      const found = await outcomes(rooms(named, 0), hall)
      expect(failing(found)).toEqual([ROOMS])
      expect(found[ROOMS]).toContain('my_hub: the entry does not run with a room under it.')
    })

    it('finds an identity that is another each time', async () => {
      const found = await outcomes(
        rooms(({ name }) => ({ title: name, uniqueId: crypto.randomUUID() })),
        hall,
      )
      expect(failing(found)).toEqual([ROOMS])
      expect(found[ROOMS]).toContain('the flow is to end with already_configured: it made an entry')
    })

    it('says so where the world does not know any', async () => {
      const found = await outcomes(rooms(named))
      expect(found[ROOMS]).toBe('my_hub: the world says in no `subentries` what a room is.')
    })
  })

  describe("with a sign-in at the service's own page", () => {
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
        unreachable: () => provider.stop(),
        back: async () => {
          provider = await ExampleProvider.start({ port: Number(new URL(provider.issuer).port) })
        },
        stop: async () => {},
      }),
    }

    it('signs in there as somebody, as another and as nobody', async () => {
      expect(failing(await outcomes(accountIntegration(provider.issuer), there))).toEqual([])
    })

    it('finds an identity that is the same for everybody', async () => {
      const account = accountIntegration(provider.issuer)
      const connect: typeof account.connect = async (stored, context) => ({
        ...(await account.connect(stored, context)),
        uniqueId: 'the account',
      })
      expect(failing(await outcomes({ ...account, connect }, there))).toEqual([UNTOUCHED])
    })

    it('says so where the world cannot sign in', async () => {
      const away: IntegrationWorld = {
        async start() {
          const { signIn: _, ...service } = await there.start()
          return service
        },
      }
      const found = await outcomes(accountIntegration(provider.issuer), away)
      expect(found['sets an entry up']).toBe(
        'account, step authorize: the world has no `signIn` that goes to this page.',
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

    it('brings what that kept to the new one, and finds what it forgets', async () => {
      const good = second(({ address, apiToken }) => ({ host: address, apiToken }))
      expect(failing(await outcomes(good, older))).toEqual([])
      const found = await outcomes(
        second(({ address }) => ({ host: address })),
        older,
      )
      expect(failing(found)).toEqual([OLDER])
      expect(found[OLDER]).toContain('my_hub: the entry does not run after it was migrated from version 1.')
    })

    it('says so where the world does not know what that kept', async () => {
      const found = await outcomes(second((old) => old))
      expect(found[OLDER]).toBe('my_hub: the world says in no `older` what version 1 kept.')
    })
  })
})
