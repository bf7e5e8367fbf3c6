import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { createLatchkey, defineIntegrationWithMethods, memoryStore } from '../../src/index.ts'
import { oauthProvider, oauthTokens } from '../../src/oauth/index.ts'
import { completeSignIn } from '../../src/testing/complete-sign-in.ts'
import type { ExternalView } from '../../src/view.ts'
import { MemoryLog } from '../engine/host.ts'

const issuer = 'https://login.example'
const tokens = { access_token: 'an-access-token', token_type: 'bearer', scope: 'profile invalid_scope' }

/** Signs in at a server with these answers. @returns the logged messages */
async function logged({ redirect = {}, answer = tokens }: { redirect?: object; answer?: object }) {
  const provider = oauthProvider({
    issuer: { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
    clientId: 'latchkey',
    scope: 'profile invalid_scope',
  })
  const integration = defineIntegrationWithMethods({
    domain: 'account',
    title: 'Account',
    stored: z.object({ ...oauthTokens }),
    methods: { browser: { title: 'Browser', authorize: provider.authorizationCode() } },
    connect: async () => ({ client: null, uniqueId: 'a' }),
  })
  const log = new MemoryLog()
  const fetch = async () => Response.json(answer)
  const latchkey = await createLatchkey({
    integrations: [integration],
    store: memoryStore(),
    log,
    network: { fetch },
  })
  const view = (await latchkey.flows.start({ domain: 'account', source: 'user' })) as ExternalView
  const end = await completeSignIn(latchkey, view, async (address) => {
    const { searchParams } = new URL(address)
    const back = new URL(searchParams.get('redirect_uri') ?? '')
    const state = searchParams.get('state') ?? ''
    back.search = new URLSearchParams({ state, iss: issuer, authuser: '0', ...redirect }).toString()
    return back.href
  })
  await latchkey.stop()
  expect(end.type).toBe('external')
  return log.lines.map(({ fields }) => fields.error?.message)
}

describe('the log of a failed sign-in', () => {
  it.each(['invalid_scope', 'unauthorized_client', 'app_not_verified'])(
    'names the error of the redirect: %s',
    async (error) => {
      const redirect = { error, error_description: `The scope is ${error}.`, scope: 'profile invalid_scope' }
      expect(await logged({ redirect })).toEqual([`The OAuth server rejected the authorization: ${error}.`])
    },
  )

  it('names the missing property of the response', async () => {
    const answer = { token_type: 'bearer' }
    const [message, ...others] = await logged({ redirect: { code: 'the-code-of-the-user' }, answer })
    expect(message).toMatch(/^The response of the OAuth server is invalid: \w+, at "access_token"\.$/)
    expect(others).toEqual([])
  })
})
