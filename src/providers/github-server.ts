import type { RequestValues, ServiceRequest } from './service-data.ts'

/** The facts that GitHub's OAuth Apps and GitHub Apps have in common. */
export const githubServer = {
  title: 'GitHub',
  endpoints: {
    issuer: 'https://github.com/login/oauth',
    authorization: 'https://github.com/login/oauth/authorize',
    token: 'https://github.com/login/oauth/access_token',
    device: 'https://github.com/login/device/code',
  },
  // An Enterprise Server has its API below a path.
  apiPath: { 'https://api.github.com': '/api/v3' },
  clientAuth: 'client_secret_post',
  identity: { request: { url: 'https://api.github.com/user' }, account: ['/id'], login: '/login' },
  revokes: 'token',
  revoke: ({ clientId, basic, accessToken }: RequestValues): ServiceRequest => ({
    method: 'DELETE',
    url: `https://api.github.com/applications/${clientId}/token`,
    authorization: basic,
    json: { access_token: accessToken },
  }),
} as const
