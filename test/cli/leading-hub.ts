import * as z from 'zod'
import { defineIntegration } from '../../src/index.ts'

/** An integration whose options are asked for once an account is linked. */
export const leadingHub = defineIntegration({
  domain: 'leading_hub',
  title: 'Leading Hub',
  fields: z.object({ name: z.string().meta({ title: 'Name' }) }),
  options: z.object({ interval: z.int().default(60).meta({ title: 'Interval' }) }),
  next: ({ source }) => (source === 'user' ? { source: 'options' } : null),
  connect: async ({ name }) => ({ client: name, uniqueId: name, title: name }),
})
