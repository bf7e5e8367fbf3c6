import { oauthProvider } from '../../src/oauth/index.ts'

export const provider = oauthProvider({
  issuer: { issuer: 'https://forum.example', token_endpoint: 'https://forum.example/token' },
  clientId: 'my-app',
  scope: 'identity',
  isDead: ({ status, body }) => status === 400 && typeof body === 'object' && body.error === 400,
})
