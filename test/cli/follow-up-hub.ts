import * as z from 'zod'
import { defineIntegration } from '../../src/index.ts'

/** An integration whose options flow follows the setup. */
export const followUpHub = defineIntegration({
  domain: 'follow_up_hub',
  title: 'Follow-up Hub',
  fields: z.object({ name: z.string().meta({ title: 'Name' }) }),
  options: z.object({ interval: z.int().default(60).meta({ title: 'Interval' }) }),
  next: ({ source }) => (source === 'user' ? { source: 'options' } : null),
  connect: async ({ name }) => ({ client: name, uniqueId: name, title: name }),
})
