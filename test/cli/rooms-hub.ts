import * as z from 'zod'
import { defineIntegration, secret } from '../../src/index.ts'

/** An integration with rooms as sub-entries, and feeds with a secret key. */
export const roomsHub = defineIntegration({
  domain: 'rooms_hub',
  title: 'Rooms Hub',
  fields: z.object({ name: z.string().meta({ title: 'Name' }) }),
  connect: async ({ name }, { subentries }) => ({
    client: subentries.map(({ title }) => title),
    uniqueId: name,
    title: name,
  }),
  subentries: {
    room: {
      title: 'Room',
      fields: z.object({ room: z.string().min(2).meta({ title: 'Room' }) }),
      name: ({ room }) => ({ title: room, uniqueId: room.toLowerCase() }),
    },
    feed: {
      title: 'Feed',
      fields: z.object({
        address: z.string().meta({ title: 'Address' }),
        apiKey: secret().meta({ title: 'Key' }),
      }),
      check: async ({ address }, { client }) =>
        client.includes(address) ? { error: 'invalid_value', field: 'address' } : { title: address },
    },
  },
})
