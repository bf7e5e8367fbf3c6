import { describe, expect, it } from '@jest/globals'
import { MyClient } from '../../examples/my-hub/my-client.ts'
import { myHub } from '../../examples/my-hub/my-hub.ts'
import { CannotConnectError, InvalidAuthError } from '../../src/index.ts'
import { describeIntegration, type IntegrationWorld } from '../../src/testing/index.ts'
import { myHubWorld } from './my-hub-world.ts'
import { failing, outcomes } from './outcomes.ts'
import { plans, plansWorld } from './plans.ts'
import { sites, sitesWorld } from './sites.ts'

describeIntegration(myHub, myHubWorld, { describe, it })

type Connect = typeof myHub.connect

const REFUSES = 'refuses a wrong credential as invalid_auth, and recovers'
const SAME = 'reports the same identity each time'
const SECRET = 'shows no secret in any view, event, log or entry'
const CLOSES = 'closes every connection'
const IMPORTS = 'imports what it is given, and nothing that the service refuses'
const FOUND = 'links what was found once a person has confirmed it'
const CHANGES = 'changes the entry by a reconfiguration'

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
    expect(failing(found)).toEqual([REFUSES, IMPORTS])
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
    expect(failing(found)).toEqual([REFUSES, IMPORTS])
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
    const counted = { start: async () => ({ ...(await myHubWorld.start()), open: () => open }) }
    const found = await outcomes({ ...myHub, connect }, counted)
    expect(failing(found)).toEqual([CLOSES])
    expect(found[CLOSES]).toContain('Close them in dispose, and where connect throws')
  })

  it('finds an identity that is the address', async () => {
    const connect: Connect = async (values, context) => ({
      ...(await myHub.connect(values, context)),
      uniqueId: values.host,
    })
    const found = await outcomes({ ...myHub, connect })
    expect(failing(found)).toEqual(expect.arrayContaining([CHANGES]))
    expect(found[CHANGES]).toBe(
      'my_hub, step abort: the flow is to end with reconfigure_successful: it ended with wrong_account.',
    )
  })

  it('finds an identity that is announced in other letters than it is reported', async () => {
    const shouting: IntegrationWorld = {
      async start() {
        const service = await myHubWorld.start()
        const values = { host: service.good.host as string }
        return { ...service, discovery: { uniqueId: 'HUB-1', values } }
      },
    }
    const found = await outcomes(myHub, shouting)
    expect(failing(found)).toEqual([FOUND])
    expect(found[FOUND]).toContain('announced under another identity than the one that connect reports')
  })

  it('finds a connect that needs a menu to have been shown', async () => {
    const found = await outcomes(plans, plansWorld)
    expect(failing(found)).toEqual([IMPORTS])
    expect(found[IMPORTS]).toContain(
      'plans, step abort: good values make no entry: it ended with cannot_connect',
    )
  })

  it('finds a way in whose login yields nothing that is kept', async () => {
    const { token, ...methods } = sites.methods
    const broken = { ...token, exchange: async () => ({ site: 'home' }) }
    const found = await outcomes({ ...sites, methods: { ...methods, token: broken } }, sitesWorld)
    expect(failing(found)).toEqual(['sets an entry up and mends it by: API token'])
  })

  it('finds a language that lacks words', async () => {
    const found = await outcomes({ ...myHub, texts: { de: { title: 'Mein Hub' } } })
    expect(found['says everything in each of its languages']).toContain(
      'Integration "my_hub": the de text "data.host" is missing.',
    )
  })
})
