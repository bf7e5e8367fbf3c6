import { describe, expect, it, jest } from '@jest/globals'
import * as z from 'zod'
import { MyClient } from '../../examples/my-hub/my-client.ts'
import { myHub } from '../../examples/my-hub/my-hub.ts'
import { CannotConnectError, InvalidAuthError, Secret } from '../../src/index.ts'
import { describeIntegration, type IntegrationWorld } from '../../src/testing/index.ts'
import { myHubWorld } from './my-hub-world.ts'
import { failing, outcomes } from './outcomes.ts'
import { plans, plansWorld } from './plans.ts'
import { sites, sitesWorld } from './sites.ts'

describeIntegration(myHub, myHubWorld, { describe, it })

type Connect = typeof myHub.connect

const REFUSES = 'rejects a wrong credential as invalid_auth, and recovers'
const SAME = 'returns the same unique id each time'
const SECRET = 'contains no secret in any view, event, log line or entry'
const CLOSES = 'closes every connection'
const IMPORTS = 'imports valid values, and rejects values that the service rejects'
const FOUND = 'links a discovery after a confirmation'
const CHANGES = 'changes the entry with a reconfiguration'

describe('describeIntegration', () => {
  it('plays menus, pages and challenges', async () => {
    expect(failing(await outcomes(sites, sitesWorld))).toEqual([])
  })

  it('names a step without a value in the world', async () => {
    const lacking = { start: async () => ({ ...(await sitesWorld.start()), challenge: {} }) }
    const found = await outcomes(sites, lacking)
    expect(found['sets up an entry']).toBe('sites, step challenge: the world has no value for code.')
  })

  it('detects a rejected token that is reported as cannot_connect', async () => {
    const connect: Connect = (values, context) =>
      myHub.connect(values, context).catch((error) => {
        throw error instanceof InvalidAuthError ? new CannotConnectError('No.') : error
      })
    const found = await outcomes({ ...myHub, connect })
    expect(failing(found)).toEqual([REFUSES, IMPORTS])
    expect(found[REFUSES]).toContain(
      'my_hub, step user: it must show invalid_auth: it shows cannot_connect at base; connect must throw InvalidAuthError',
    )
  })

  it('detects a wrong token that throws a plain error', async () => {
    const connect: Connect = (values, context) =>
      myHub.connect(values, context).catch((error) => {
        throw error instanceof InvalidAuthError ? new Error('No.') : error
      })
    const found = await outcomes({ ...myHub, connect })
    expect(failing(found)).toEqual([REFUSES, IMPORTS])
    expect(found[REFUSES]).toContain('my_hub, step user: it must show invalid_auth: it shows unknown at base')
  })

  it('detects a unique id that changes', async () => {
    const connect: Connect = async (values, context) => ({
      ...(await myHub.connect(values, context)),
      uniqueId: crypto.randomUUID(),
    })
    const found = await outcomes({ ...myHub, connect })
    expect(failing(found)).toEqual(
      expect.arrayContaining([SAME, 'detects an account that is already linked']),
    )
    expect(found[SAME]).toContain('my_hub: connect returned another uniqueId for the same account.')
  })

  it('detects a secret that the integration makes itself, and that is stored unencrypted', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
    const handles = z.object({ token: z.string().transform((text) => new Secret(text)) })
    for (const fields of [
      z.object({ ...myHub.fields.shape, apiToken: z.string().transform((text) => new Secret(text)) }),
      z.object({
        ...myHub.fields.shape,
        apiToken: z.string().transform((token) => handles.parse({ token })),
      }),
    ]) {
      const connect = (values: { host: string; apiToken: Secret | { token: Secret } }, context: never) => {
        const { host, apiToken } = values
        return myHub.connect({ host, apiToken: 'token' in apiToken ? apiToken.token : apiToken }, context)
      }
      const found = await outcomes({ ...myHub, fields, connect })
      expect(found[SECRET]).toContain('a secret is readable in the view of the step user, the stored flow')
    }
    warn.mockRestore()
  })

  it('warns about a credential that is not a secret', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
    const text = z.string().transform((text) => ({ reveal: () => text }))
    const connect = (values: { host: string; apiToken: { reveal(): string } }, context: never) =>
      myHub.connect({ host: values.host, apiToken: new Secret(values.apiToken.reveal()) }, context)
    try {
      expect(failing(await outcomes(myHub))).toEqual([])
      expect(warn).not.toHaveBeenCalled()
      const fields = z.object({ ...myHub.fields.shape, apiToken: text })
      const shown = await outcomes({ ...myHub, fields, reauth: ['apiToken'], connect })
      // The request carries it in its authorization header.
      expect(failing(shown)).toEqual([SECRET])
      expect(shown[SECRET]).toContain('Define the field apiToken with secret() or token().')
      expect(warn.mock.calls).toEqual([
        [
          'my_hub: the service rejects a wrong "apiToken", but the field is not a secret. Use secret() if it is a credential.',
        ],
      ])
    } finally {
      warn.mockRestore()
    }
  })

  it('detects a secret in the title', async () => {
    const connect: Connect = async (values, context) => ({
      ...(await myHub.connect(values, context)),
      title: `Hub of ${values.apiToken.reveal()}`,
    })
    const found = await outcomes({ ...myHub, connect })
    expect(failing(found)).toEqual([SECRET])
    expect(found[SECRET]).toContain('my_hub: connect returned a secret in the title. Users see [secret]')
  })

  it('detects connections that stay open', async () => {
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
    expect(found[CLOSES]).toContain('Close them in dispose, and if connect throws')
  })

  it('detects an address that is used as the unique id', async () => {
    const connect: Connect = async (values, context) => ({
      ...(await myHub.connect(values, context)),
      uniqueId: values.host,
    })
    const found = await outcomes({ ...myHub, connect })
    expect(failing(found)).toEqual(expect.arrayContaining([CHANGES]))
    expect(found[CHANGES]).toBe(
      'my_hub, step abort: the flow must end with reconfigure_successful: it ended with wrong_account; connect returned another uniqueId for the same account. Return an id that never changes, not an address or a name.',
    )
  })

  it('detects a discovery whose unique id has a different case', async () => {
    const shouting: IntegrationWorld = {
      async start() {
        const service = await myHubWorld.start()
        const values = { host: service.good.host as string }
        return { ...service, discovery: { uniqueId: 'HUB-1', values } }
      },
    }
    const found = await outcomes(myHub, shouting)
    expect(failing(found)).toEqual([FOUND])
    expect(found[FOUND]).toContain('the unique id of the discovery differs from the one that connect returns')
  })

  it('imports although connect works only after the choices were loaded', async () => {
    expect(failing(await outcomes(plans, plansWorld))).toEqual([])
  })

  it('detects a sign-in method whose exchange returns no stored values', async () => {
    const { token, ...methods } = sites.methods
    const broken = { ...token, exchange: async () => ({ site: 'home' }) }
    const found = await outcomes({ ...sites, methods: { ...methods, token: broken } }, sitesWorld)
    expect(failing(found)).toEqual(['sets up and reauthenticates an entry with the method: API token'])
  })

  it('detects an incomplete language', async () => {
    const found = await outcomes({ ...myHub, texts: { de: { title: 'Mein Hub' } } })
    expect(found['has all texts in all of its languages']).toContain(
      'Integration "my_hub": the de text "data.host" is missing.',
    )
  })
})
