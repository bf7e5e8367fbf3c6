import * as z from 'zod'
import { defineIntegrationWithMethods } from '../../src/index.ts'
import { oauthProvider, oauthTokens } from '../../src/oauth/index.ts'

const fields = z.object({ shop: z.string().regex(/^[a-z0-9-]+$/, 'Enter the name before ".shops.example"') })

const provider = oauthProvider({
  issuer: ({ shop }: { shop: string }) => `https://${shop}.shops.example`,
  clientId: 'my-app',
  clientSecret: process.env.CLIENT_SECRET ?? '',
  allowedHosts: ['*.shops.example'],
})

export const shop = defineIntegrationWithMethods({
  domain: 'shop',
  title: 'Example shop',
  stored: z.object({ ...fields.shape, ...oauthTokens }),
  methods: {
    browser: { title: 'In this browser', fields, authorize: provider.authorizationCode() },
  },
  refresh: provider.refresh,
  expiresAt: provider.expiresAt,
  connect: async (tokens) => ({ client: {}, uniqueId: tokens.shop, title: tokens.shop }),
})
