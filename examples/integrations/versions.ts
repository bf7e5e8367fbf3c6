import * as z from 'zod'
import { defineIntegration, type EntryVersion, type Secret, secret } from '../../src/index.ts'
import { icons } from '../icons.ts'
import { service } from './service.ts'

export const versionOne = defineIntegration({
  domain: 'versions',
  title: 'Example versions',
  icon: icons.versions,
  description: 'Data that changes with the version',
  category: 'developer',
  docs: 'https://versions.example/docs',
  fields: z.object({ host: z.string(), key: secret() }),
  connect: async ({ key }) => ({ client: {}, uniqueId: (await service.account(key.reveal())).id }),
})

export const versionTwo = defineIntegration({
  domain: 'versions',
  title: 'Example versions',
  icon: icons.versions,
  description: 'Data that changes with the version',
  category: 'developer',
  docs: 'https://versions.example/docs',
  // #region migrate
  version: 2,
  fields: z.object({ url: z.url(), apiToken: secret() }),
  migrate: {
    1: ({ values }: EntryVersion<{ host: string; key: Secret }>) => ({
      values: { url: `https://${values.host}`, apiToken: values.key },
    }),
  },
  // #endregion
  async connect({ url, apiToken }) {
    return { client: { url }, uniqueId: (await service.account(apiToken.reveal())).id }
  },
})
