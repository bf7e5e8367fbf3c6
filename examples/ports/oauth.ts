import * as z from 'zod'
import { defineIntegrationWithMethods, readJson } from '../../src/index.ts'
import { oauthProvider, oauthTokens } from '../../src/oauth/index.ts'

const server = 'https://accounts.music.example'
const api = 'https://api.music.example'
const Profile = z.object({ id: z.string(), name: z.string() })

const provider = oauthProvider({
  issuer: {
    issuer: server,
    authorization_endpoint: `${server}/authorize`,
    token_endpoint: `${server}/token`,
    revocation_endpoint: `${server}/revoke`,
  },
  clientId: 'my-app',
  clientSecret: process.env.MUSIC_SECRET ?? 'the secret of my app',
  scope: 'playback profile',
})

/** A music account: users sign in at the service, and Latchkey refreshes the token. */
export const music = defineIntegrationWithMethods({
  domain: 'music',
  title: 'Example music',
  category: 'media',
  stored: z.object(oauthTokens),
  methods: { browser: { title: 'In this browser', authorize: provider.authorizationCode() } },
  refresh: provider.refresh,
  expiresAt: provider.expiresAt,
  async connect(_, { fetch, signal, stored }) {
    const get = async (path: string, init: RequestInit = {}) => {
      const { accessToken } = await stored() // the current token
      const headers = { authorization: `Bearer ${accessToken.reveal()}` }
      return fetch(`${api}/${path}`, { headers, ...init })
    }
    const { id, name } = await readJson(await get('me', { signal }), Profile)
    const playlists = async () => readJson(await get('playlists'), z.array(z.string()))
    return { client: { playlists }, uniqueId: id, title: name }
  },
})
