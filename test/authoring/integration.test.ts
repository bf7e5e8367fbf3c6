import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { defineIntegration } from '../../src/authoring/integration.ts'

describe('defineIntegration', () => {
  it('returns the definition unchanged and frozen', () => {
    const spec = {
      domain: 'hub',
      title: 'Hub',
      fields: z.object({ host: z.string() }),
      connect: async () => ({ client: null, uniqueId: null }),
    }
    const integration = defineIntegration(spec)
    expect(integration).toMatchObject({ domain: 'hub', title: 'Hub' })
    expect(Object.isFrozen(integration)).toBe(true)
    expect(integration.fields).toBe(spec.fields)
  })
})
