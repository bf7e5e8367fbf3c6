import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { transit } from '../../examples/ports/account-with-subentries.ts'
import { transitWorld } from '../../examples/ports/account-with-subentries-service.ts'
import { lamp } from '../../examples/ports/discovered-device.ts'
import { lampWorld } from '../../examples/ports/discovered-device-service.ts'
import { router } from '../../examples/ports/host-and-password.ts'
import { routerWorld } from '../../examples/ports/host-and-password-service.ts'
import { music } from '../../examples/ports/oauth.ts'
import { musicWorld } from '../../examples/ports/oauth-service.ts'
import { doorbell } from '../../examples/ports/one-time-code.ts'
import { doorbellWorld } from '../../examples/ports/one-time-code-service.ts'
import { solar } from '../../examples/ports/token-and-site.ts'
import { solarWorld } from '../../examples/ports/token-and-site-service.ts'
import {
  type AnyIntegration,
  type Authorizer,
  CannotConnectError,
  InvalidAuthError,
  Secret,
} from '../../src/index.ts'
import { describeIntegration, type IntegrationWorld } from '../../src/testing/index.ts'

/** A mistake, the test of `describeIntegration` that notices it, and the message of its failure. */
interface Mistake {
  readonly mistake: string
  readonly broken: AnyIntegration
  readonly test: string
  readonly message: string
}

/** The parameters of a function of an integration. */
type Of<Work extends (...of: never) => unknown> = Parameters<Work>

/** An answer with a member that the service does not send. */
interface Profile {
  readonly owner: { readonly name: string }
}

/** The error of the global `fetch` without a network. */
const unknownHost = new TypeError('fetch failed', {
  cause: Object.assign(new Error(), { code: 'ENOTFOUND' }),
})

/** Runs one test of `describeIntegration`. @returns the message of its failure */
async function failureOf(integration: AnyIntegration, world: IntegrationWorld, title: string) {
  const tests = new Map<string, () => Promise<void>>()
  describeIntegration(integration, world, {
    describe: (_, body) => body(),
    it: (name, body) => tests.set(name, body),
  })
  return tests
    .get(title)?.()
    .then(
      () => 'no failure',
      (error: Error) => error.message,
    )
}

const REFUSES = 'rejects a wrong credential as invalid_auth, and recovers'
const SECRETS = 'contains no secret in any view, event, log line or entry'
const OTHER = 'does not change the entry if the account is different'

const CHANGES_ID =
  'connect returned another uniqueId for the same account. Return an id that never changes, not an address or a name.'
const SHARES_ID =
  'connect returned the same uniqueId for two accounts. Return an id of the account to which the credential belongs.'

/** A `fetch` that reports all refusals as an unreachable service. */
const onlyOk =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  async (...request) => {
    const response = await fetch(...request)
    if (!response.ok) throw new CannotConnectError()
    return response
  }

/** Returns a port whose `connect` changes its result. */
const connecting = <Port extends AnyIntegration>(
  port: Port,
  change: (connected: { uniqueId: string | null }, values: Of<Port['connect']>[0]) => object,
): AnyIntegration => ({
  ...port,
  async connect(values: never, context: never) {
    const connected = await port.connect(values, context)
    return { ...connected, ...change(connected as { uniqueId: string | null }, values) }
  },
})

const routers: readonly Mistake[] = [
  {
    mistake: 'a refused password that is reported as an unreachable router',
    broken: {
      ...router,
      connect: (...[values, context]: Of<typeof router.connect>) =>
        router.connect(values, { ...context, fetch: onlyOk(context.fetch) }),
    },
    test: REFUSES,
    message:
      'router, step user: it must show invalid_auth: it shows cannot_connect at base; connect must throw InvalidAuthError if the service rejects the credential.',
  },
  {
    mistake: 'an address that is the unique id',
    broken: connecting(router, (_, { host }) => ({ uniqueId: host })),
    test: 'changes the entry with a reconfiguration',
    message: `router, step abort: the flow must end with reconfigure_successful: it ended with wrong_account; ${CHANGES_ID}`,
  },
  {
    mistake: 'a session that is never closed',
    broken: connecting(router, () => ({ dispose: undefined })),
    test: 'closes every connection',
    message: 'router: the service still has 2 connections. Close them in dispose, and if connect throws.',
  },
  {
    mistake: 'requests that go on after the user has cancelled',
    broken: {
      ...router,
      connect: (...[values, context]: Of<typeof router.connect>) =>
        router.connect(values, { ...context, signal: new AbortController().signal }),
    },
    test: 'ends its requests if the user cancels',
    message:
      'router: a request goes on after the user has cancelled. Pass `signal` of the context to each request.',
  },
]

const doorbells: readonly Mistake[] = [
  {
    mistake: 'an error of the code',
    broken: connecting(doorbell, (connected) => ({ title: (connected as never as Profile).owner.name })),
    test: 'sets up an entry',
    message:
      "doorbell, step challenge: good values must create an entry: it shows unknown at base (TypeError: Cannot read properties of undefined (reading 'name') at ",
  },
  {
    mistake: 'the global fetch',
    broken: {
      ...doorbell,
      exchange: async (...[values, context]: Of<NonNullable<typeof doorbell.exchange>>) =>
        doorbell.exchange?.(values, { ...context, fetch: () => Promise.reject(unknownHost) }),
    },
    test: 'sets up an entry',
    message:
      'doorbell, step user: good values must create an entry: it shows cannot_connect at base; no request was sent with the `fetch` of the context, which follows `hosts` and the policy of the host.',
  },
  {
    mistake: 'a token that is stored unencrypted',
    broken: {
      ...doorbell,
      stored: z.object({ token: z.string() }),
      connect: ({ token }: { token: string }, context: Of<typeof doorbell.connect>[1]) =>
        doorbell.connect({ token: new Secret(token) }, context),
    },
    test: SECRETS,
    message:
      'doorbell: a secret is readable in the stored entry. Define the field token with secret() or token().',
  },
  {
    mistake: 'a user name, as it was entered, that is the unique id',
    broken: {
      ...doorbell,
      stored: z.object({ ...doorbell.stored?.shape, email: z.string() }),
      async exchange(...[values, context]: Of<NonNullable<typeof doorbell.exchange>>) {
        return { ...(await doorbell.exchange?.(values, context)), email: values.email }
      },
      async connect(values: { token: Secret; email: string }, context: never) {
        return { ...(await doorbell.connect(values, context)), uniqueId: values.email }
      },
    },
    test: 'detects an account that is already linked',
    message: `doorbell, step create_entry: the flow must end with already_configured: it created an entry; ${CHANGES_ID}`,
  },
  {
    mistake: 'a wrong code that is an unexpected error',
    broken: {
      ...doorbell,
      async exchange(...[values, context]: Of<NonNullable<typeof doorbell.exchange>>) {
        return doorbell.exchange?.(values, context).catch((error) => {
          throw context.challenge === undefined ? error : new Error('The code is wrong.')
        })
      },
    },
    test: 'rejects a wrong answer to a challenge, and recovers',
    message:
      'connect or exchange must throw InvalidAuthError or FormError, or return the challenge with an `error`.',
  },
]

const solars: readonly Mistake[] = [
  {
    mistake: 'a site that is not one of the token',
    broken: {
      ...solar,
      async connect({ apiToken, site }: Of<typeof solar.connect>[0], context: Of<typeof solar.connect>[1]) {
        const found = await solar.choices?.site
        const sites = typeof found === 'function' ? await found({ apiToken }, context) : {}
        return { client: sites, uniqueId: site }
      },
    },
    test: OTHER,
    message: `solar, step abort: the flow must end with wrong_account: it ended with reauth_successful; ${SHARES_ID}`,
  },
  {
    mistake: 'choices that report a refused token as an unreachable service',
    broken: {
      ...solar,
      choices: {
        site: async (values: object, context: Of<typeof solar.connect>[1]) => {
          const { site } = solar.choices ?? {}
          return typeof site === 'function' ? site(values, { ...context, fetch: onlyOk(context.fetch) }) : {}
        },
      },
    },
    test: REFUSES,
    message:
      'solar, step user: it must show invalid_auth: it shows cannot_connect at base; connect or choices must throw InvalidAuthError if the service rejects the credential.',
  },
  {
    mistake: 'a token that its form shows',
    broken: {
      ...solar,
      fields: z.object({ apiToken: z.string(), site: z.string() }),
      reauth: ['apiToken'],
      choices: {
        site: async ({ apiToken = '' }: { apiToken?: string }, context: Of<typeof solar.connect>[1]) => {
          const { site } = solar.choices ?? {}
          return typeof site === 'function' ? site({ apiToken: new Secret(apiToken) }, context) : {}
        },
      },
      connect: (
        { apiToken, site }: { apiToken: string; site: string },
        context: Of<typeof solar.connect>[1],
      ) => solar.connect({ apiToken: new Secret(apiToken), site }, context),
    },
    test: SECRETS,
    message: 'Define the field apiToken with secret() or token().',
  },
]

const { authorize: authorizer } = (music as AnyIntegration).methods?.browser ?? {}
const musics: readonly Mistake[] = [
  {
    mistake: 'a revoked token that is reported as an unreachable service',
    broken: {
      ...music,
      connect: (...[values, context]: Of<typeof music.connect>) =>
        music.connect(values, { ...context, fetch: onlyOk(context.fetch) }),
    },
    test: 'asks the user if the service has revoked the credential',
    message:
      'music: the credential was revoked, and the entry is setup_retry instead of reauth_required. refresh and connect must throw InvalidAuthError if the service rejects the credential.',
  },
  {
    mistake: 'a client that uses the token of its connect call forever',
    broken: {
      ...music,
      connect: (...[values, context]: Of<typeof music.connect>) =>
        music.connect(values, { ...context, stored: async () => values }),
    },
    test: 'makes calls with the client',
    message: 'Call `stored()` before each request, because refresh replaces the token.',
  },
  {
    mistake: 'an expiration time in seconds',
    broken: { ...music, expiresAt: ({ expiresAt = 0 }: { expiresAt?: number }) => expiresAt / 1_000 },
    test: 'makes calls with the client',
    message:
      'music: expiresAt returned a time in the past for a new token. Return milliseconds since the epoch, not seconds.',
  },
  {
    mistake: 'a client that does not report a refused call',
    broken: connecting(music, () => ({
      client: { playlists: () => Promise.reject(new Error('Status 401.')) },
    })),
    test: 'asks the user if the service rejects a call of the client',
    message:
      'music: the credential was revoked, and the client failed with Error: the entry is loaded instead of reauth_required. The client must throw InvalidAuthError if the service rejects the credential.',
  },
  {
    mistake: 'a grant that stays after the removal',
    broken: {
      ...music,
      methods: {
        browser: {
          title: 'In this browser',
          authorize: { ...authorizer, revoke: async () => {} } as Authorizer,
        },
      },
    },
    test: 'informs the service that an entry was removed',
    message:
      'music: the entry was removed, but the service was not informed. Revoke the credential in onRemove.',
  },
  {
    mistake: 'a unique id that all accounts share',
    broken: connecting(music, () => ({ uniqueId: 'music' })),
    test: 'returns the same unique id each time',
    message: `music: ${SHARES_ID}`,
  },
]

const lamps: readonly Mistake[] = [
  {
    mistake: 'a unique id that is spelled as the device spells it',
    broken: connecting(lamp, ({ uniqueId }) => ({ uniqueId: uniqueId?.toUpperCase() })),
    test: 'links a discovery after a confirmation',
    message:
      'lamp, step account_confirm: the unique id of the discovery differs from the one that connect returns.',
  },
  {
    mistake: 'a connect call that repeats its requests until the lamp answers',
    broken: {
      ...lamp,
      connectTimeout: 500,
      async connect(...[values, context]: Of<typeof lamp.connect>) {
        // Ends with its test, unlike the mistake.
        for (const end = Date.now() + 5_000; Date.now() < end; ) {
          const connected = await lamp.connect(values, context).catch(() => null)
          if (connected !== null) return connected
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        throw new CannotConnectError()
      },
    },
    test: 'reports cannot_connect if the service is unreachable, and recovers',
    message:
      'lamp, step user: it must show cannot_connect: it shows timeout at base; connect must end: pass `signal` to its requests, and do not repeat them, because Latchkey does.',
  },
  {
    mistake: 'a closed connection that nothing reports',
    broken: {
      ...lamp,
      connect: (...[values, context]: Of<typeof lamp.connect>) =>
        lamp.connect(values, { ...context, lost: () => {} }),
    },
    test: 'connects again if the connection drops',
    message:
      'lamp: the connection dropped, and the entry is still loaded. Call `lost()` when the connection closes.',
  },
]

/** A `fetch` that reports all refusals as a refused key. */
const refusing =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  async (...request) => {
    const response = await fetch(...request)
    if (!response.ok) throw new InvalidAuthError()
    return response
  }

const stop = transit.subentries?.stop
const transits: readonly Mistake[] = [
  {
    mistake: 'a sub-entry with a new unique id each time',
    broken: {
      ...transit,
      subentries: {
        stop: {
          title: 'Stop',
          fields: stop?.fields ?? z.object({}),
          name: () => ({ title: 'Main station', uniqueId: crypto.randomUUID() }),
        },
      },
    },
    test: 'adds and changes a sub-entry: Stop',
    message:
      'transit, step create_entry: the flow must end with already_configured: it created an entry; name or check returned another uniqueId for the same values. Return an id of the item.',
  },
  {
    mistake: 'a client that fails with a sub-entry',
    broken: {
      ...transit,
      connect: (...[values, context]: Of<typeof transit.connect>) => {
        const named = context.subentries.map((item) => ({
          ...item,
          values: { ...item.values, stop: item.title },
        }))
        return transit.connect(values, { ...context, subentries: named })
      },
    },
    test: 'adds and changes a sub-entry: Stop',
    message: 'transit: the client failed with a sub-entry of the type stop.',
  },
  {
    mistake: 'an outage that is reported as a refused key',
    broken: {
      ...transit,
      connect: (...[values, context]: Of<typeof transit.connect>) =>
        transit.connect(values, { ...context, fetch: refusing(context.fetch) }),
    },
    test: 'tries again if the service answers with an outage',
    message:
      'transit: the service answered with status 503, and the entry is reauth_required instead of setup_retry.',
  },
  {
    mistake: 'a removal that fails if the service knows the account no longer',
    broken: {
      ...transit,
      async onRemove(...[stored, context]: Of<NonNullable<typeof transit.onRemove>>) {
        await transit.onRemove?.(stored, context).catch(() => {
          throw new Error('The key does not exist.')
        })
      },
    },
    test: 'informs the service that an entry was removed',
    message:
      'transit: onRemove failed when it was called again with Error. It can be called several times, so an account that is already signed out is a success.',
  },
]

describe.each([
  ['router', routerWorld, routers],
  ['doorbell', doorbellWorld, doorbells],
  ['solar', solarWorld, solars],
  ['music', musicWorld, musics],
  ['lamp', lampWorld, lamps],
  ['transit', transitWorld, transits],
] as const)('describeIntegration notices in the port %s', (_, world, mistakes) => {
  it.each(mistakes)('$mistake', async ({ broken, test, message }) => {
    expect(await failureOf(broken, world, test)).toContain(message)
  })
})
