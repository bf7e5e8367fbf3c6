import { service } from './service.ts'

/** Figma. Tokens are refreshed at another address, and the refresh token stays. */
export const figma = service({
  title: 'Figma',
  docs: 'https://developers.figma.com/docs/rest-api/authentication',
  register: 'https://www.figma.com/developers/apps',
  sources: ['https://developers.figma.com/docs/rest-api/authentication (2026-11-30)'],
  unverified: ['endpoints', 'client authentication', 'refusal of a refresh token'],
  endpoints: {
    authorization: 'https://www.figma.com/oauth',
    token: 'https://api.figma.com/v1/oauth/token',
    refresh: 'https://api.figma.com/v1/oauth/refresh',
  },
  clientAuth: 'client_secret_basic',
  scope: ['current_user:read'],
  identity: { request: { url: 'https://api.figma.com/v1/me' }, account: ['/id'], login: '/email' },
})
