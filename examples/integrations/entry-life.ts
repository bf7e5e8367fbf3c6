import * as z from 'zod'
import { defineIntegration, type Latchkey, secret, type View } from '../../src/index.ts'
import { icons } from '../icons.ts'
import { service } from './service.ts'

export const office = defineIntegration({
  domain: 'office',
  title: 'Example office',
  icon: icons.versions,
  description: 'An account that begins with its calendars',
  category: 'calendar',
  docs: 'https://office.example/docs',
  fields: z.object({ token: secret() }),
  options: z.object({ days: z.int().min(1).default(7) }),
  adoptTitle: true,
  // #region initial
  async connect({ token }, { options, subentries }) {
    const { id, name } = await service.account(token.reveal())
    const client = { days: options.days, calendars: subentries.map(({ title }) => title) }
    return {
      client,
      uniqueId: id,
      title: name,
      options: { days: 14 },
      subentries: [{ type: 'calendar', title: 'Work', uniqueId: 'work', values: { color: 'blue' } }],
    }
  },
  // #endregion
  // #region remove
  async onRemove({ token }) {
    await service.signOut(token.reveal())
  },
  // #endregion
  subentries: {
    calendar: {
      title: 'Calendar',
      // #region subentry
      version: 2,
      fields: z.object({ color: z.string() }),
      migrate: { 1: ({ colour }) => ({ color: colour }) },
      // #endregion
      name: ({ color }) => ({ title: color }),
    },
  },
})

export async function importOffice(latchkey: Latchkey): Promise<View> {
  // #region import
  const end = await latchkey.flows.start({
    domain: 'office',
    source: 'import',
    input: { token: 'token-1' },
    options: { days: 30 },
    subentries: [{ type: 'calendar', title: 'Home', values: { color: 'red' } }],
  })
  // #endregion
  return end
}
