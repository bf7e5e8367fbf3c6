import * as z from 'zod'
import {
  createLatchkey,
  defineIntegration,
  InvalidAuthError,
  type Latchkey,
  memoryStore,
  plainCipher,
  RateLimitedError,
  secret,
} from '../../../src/index.ts'

const SERVICES = 100
const CATEGORIES = [
  'home',
  'calendar',
  'messaging',
  'files',
  'developer',
  'media',
  'finance',
  'other',
] as const

const icon = (at: number): string =>
  `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="hsl(${at * 37} 60% 40%)"/></svg>`,
  )}`

/** The connections that are added one by one. The others are copies of their records. */
const ADDED = 200
const hostOf = (at: number): string => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`

/**
 * Starts Latchkey in memory with connections of 100 services. Of 20 connections, one needs a sign-in. Of 20 of the first
 * 200, one does not respond until an hour has passed. Each has the options and the kinds of items of its service.
 */
export async function seed(count: number): Promise<Latchkey> {
  const answers = new Map<string, 'rejected' | 'down'>()
  const fields = z.object({
    host: z.string().meta({ title: 'Host' }),
    token: secret().meta({ title: 'Token' }),
  })
  const integrations = Array.from({ length: SERVICES }, (_, at) =>
    defineIntegration({
      domain: `service_${at}`,
      title: `Service ${at}`,
      // One in ten has only its letter.
      ...(at % 10 !== 0 && { icon: icon(at) }),
      description: `Connects the devices of service ${at}`,
      category: CATEGORIES[at % CATEGORIES.length] ?? 'other',
      fields,
      options: z.object({ interval: z.int().min(1).default(60).meta({ title: 'Interval' }) }),
      subentries: {
        room: {
          title: 'Room',
          fields: z.object({ name: z.string().meta({ title: 'Name' }) }),
          check: async ({ name }) => ({ title: name }),
        },
      },
      connect: async ({ host }) => {
        if (answers.get(host) === 'rejected') throw new InvalidAuthError()
        if (answers.get(host) === 'down') throw new RateLimitedError(3600)
        return { client: {}, uniqueId: host, title: `Connection ${host}`, address: host }
      },
    }),
  )
  const store = memoryStore()
  const open = () => createLatchkey({ integrations, store, cipher: plainCipher(), connect: 'lazy' })
  const first = await open()
  const added: string[] = []
  const down: string[] = []
  for (let at = 0; at < Math.min(count, ADDED); at++) {
    const host = hostOf(at)
    const form = await first.flows.start({ domain: `service_${at % SERVICES}`, source: 'user' })
    const end = await first.flows.submit(form.flowId, { host, token: 'token' }, { revision: form.revision })
    if (end.entryId === null) throw new Error(`${host} was not added.`)
    added.push(end.entryId)
    const answer = at % 20 === 3 ? 'rejected' : at % 20 === 7 ? 'down' : undefined
    if (answer === undefined) continue
    answers.set(host, answer)
    if (answer === 'down') down.push(end.entryId)
    await first.entries.reload(end.entryId)
  }
  if (count <= ADDED) return first
  await first.stop()
  const records = await Promise.all(added.map((entryId) => store.getEntry('default', entryId)))
  const copies = Array.from({ length: count - ADDED }, (_, index) => {
    const at = ADDED + index
    const host = hostOf(at)
    const record = records[at % ADDED]
    if (record === undefined) throw new Error(`${host} has no record to copy.`)
    const own = { entryId: `copy-${at}`, uniqueId: host, title: `Connection ${host}`, address: host }
    const copy = { ...record, ...own, data: { ...record.data, host }, revision: 1 }
    return { put: 'entry', record: copy, ifRevision: 0 } as const
  })
  await store.apply('default', copies)
  const latchkey = await open()
  await latchkey.start()
  for (const entryId of down) await latchkey.entries.reload(entryId)
  return latchkey
}
