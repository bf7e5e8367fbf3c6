import { describe, expect, it } from '@jest/globals'
import { memoryStore } from '../../../src/adapters/memory/memory-store.ts'
import { createLatchkey } from '../../../src/engine/create-latchkey.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'

const { integration } = new ScriptedService()
const store = memoryStore()
const integrations = [integration]

describe('createLatchkey refuses', () => {
  it.each([
    ['no options', undefined, 'Invalid integrations. Pass a list'],
    ['no integrations', { store }, 'Invalid integrations. Pass a list'],
    [
      'an integration without a list',
      { integrations: integration, store },
      'Invalid integrations. Pass a list',
    ],
    [
      'an import that is not ready',
      { integrations: [integration, undefined], store },
      'integrations[1] is undefined.',
    ],
    ['no store', { integrations }, 'Invalid store. Pass memoryStore()'],
    ['the path of a store', { integrations, store: 'latchkey.db' }, 'Invalid store. Pass memoryStore()'],
    ['the function of a store', { integrations, store: memoryStore }, 'Invalid store. Pass memoryStore()'],
    ['a function as log', { integrations, store, log: () => {} }, 'Invalid log. Pass console'],
    ['true as log', { integrations, store, log: true }, 'Invalid log. Pass console'],
  ])('%s', async (_, options, message) => {
    await expect(createLatchkey(options as never)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining(message),
    })
  })
})
