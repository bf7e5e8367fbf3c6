import { describe, expect, it } from '@jest/globals'
import { MyClient } from '../../examples/my-hub/my-client.ts'
import { myHub } from '../../examples/my-hub/my-hub.ts'
import { MyService } from '../../examples/my-hub/service.ts'
import { type AnyIntegration, CannotConnectError, InvalidAuthError } from '../../src/index.ts'
import { describeIntegration, type IntegrationWorld } from '../../src/testing/index.ts'
import { sites, sitesWorld } from './sites.ts'

const world: IntegrationWorld = {
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

describeIntegration(myHub, world, { describe, it })

/** What came of each test that was registered: null, or the words of its failure. */
async function outcomes(
  integration: AnyIntegration,
  where = world,
): Promise<Readonly<Record<string, string | null>>> {
  const tests = new Map<string, () => Promise<void>>()
  describeIntegration(integration, where, {
    describe: (_, body) => body(),
    it: (title, body) => tests.set(title, body),
  })
  const found: Record<string, string | null> = {}
  for (const [title, body] of tests) {
    found[title] = await body().then(
      () => null,
      (error: Error) => error.message,
    )
  }
  return found
}

const failing = (found: Readonly<Record<string, string | null>>) =>
  Object.keys(found).filter((title) => found[title] !== null)

type Connect = typeof myHub.connect

const REFUSES = 'refuses a wrong credential as invalid_auth, and recovers'
const SAME = 'reports the same identity each time'
const SECRET = 'shows no secret in any view, event, log or entry'
const CLOSES = 'closes every connection'

describe('describeIntegration', () => {
  it('follows menus, pages and challenges', async () => {
    expect(failing(await outcomes(sites, sitesWorld))).toEqual([])
  })

  it('names the step for which the world has no answer', async () => {
    const lacking = { start: async () => ({ ...(await sitesWorld.start()), challenge: {} }) }
    const found = await outcomes(sites, lacking)
    expect(found['sets an entry up']).toBe('sites, step challenge: the world gives no value for code.')
  })

  it('finds a refused token that is reported as cannot_connect', async () => {
    const connect: Connect = (values, context) =>
      myHub.connect(values, context).catch((error) => {
        throw error instanceof InvalidAuthError ? new CannotConnectError('No.') : error
      })
    const found = await outcomes({ ...myHub, connect })
    expect(failing(found)).toEqual([REFUSES])
    expect(found[REFUSES]).toContain(
      'my_hub, step user: it is to show invalid_auth: it shows cannot_connect at base; let connect throw InvalidAuthError',
    )
  })

  it('finds a wrong token that throws a plain error', async () => {
    const connect: Connect = (values, context) =>
      myHub.connect(values, context).catch((error) => {
        throw error instanceof InvalidAuthError ? new Error('No.') : error
      })
    const found = await outcomes({ ...myHub, connect })
    expect(failing(found)).toEqual([REFUSES])
    expect(found[REFUSES]).toContain(
      'my_hub, step user: it is to show invalid_auth: it shows unknown at base',
    )
  })

  it('finds an identity that is another each time', async () => {
    const connect: Connect = async (values, context) => ({
      ...(await myHub.connect(values, context)),
      uniqueId: crypto.randomUUID(),
    })
    const found = await outcomes({ ...myHub, connect })
    expect(failing(found)).toEqual(expect.arrayContaining([SAME, 'tells that the account is linked already']))
    expect(found[SAME]).toContain('my_hub: connect reports another uniqueId for the same account')
  })

  it('finds a secret in the title', async () => {
    const connect: Connect = async (values, context) => ({
      ...(await myHub.connect(values, context)),
      title: `Hub of ${values.apiToken.reveal()}`,
    })
    const found = await outcomes({ ...myHub, connect })
    expect(failing(found)).toEqual([SECRET])
    expect(found[SECRET]).toContain('my_hub: a secret can be read in')
    expect(found[SECRET]).not.toContain('first-token')
  })

  it('finds connections that are left open', async () => {
    let open = 0
    const connect: Connect = async (values, { fetch, signal }) => {
      open++
      const client = new MyClient(values.host, values.apiToken.reveal(), fetch)
      const { id } = await client.checkConnection({ signal })
      return { client, uniqueId: id, dispose: () => void open-- }
    }
    const counted = { start: async () => ({ ...(await world.start()), open: () => open }) }
    const found = await outcomes({ ...myHub, connect }, counted)
    expect(failing(found)).toEqual([CLOSES])
    expect(found[CLOSES]).toContain('Close them in dispose, and where connect throws')
  })

  it('finds a language that lacks words', async () => {
    const found = await outcomes({ ...myHub, texts: { de: { title: 'Mein Hub' } } })
    expect(found['says everything in each of its languages']).toContain(
      'The de text data.host of the integration my_hub is missing.',
    )
  })
})
