import { expect, it, jest } from '@jest/globals'

it('a webhook is refused, with the command to run, if the package that signs is not installed', async () => {
  jest.unstable_mockModule('standardwebhooks', () => {
    throw new Error('Cannot find package "standardwebhooks".')
  })
  const { createLatchkey, memoryStore } = await import('../../../src/index.ts')
  const latchkey = await createLatchkey({ integrations: [], store: memoryStore() })
  await expect(latchkey.webhooks.add({ url: 'https://hooks.example/' })).rejects.toMatchObject({
    code: 'CONFIGURATION',
    message: expect.stringContaining('npm install standardwebhooks'),
  })
  await latchkey.stop()
})
