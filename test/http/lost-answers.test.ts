import { expect, it } from '@jest/globals'
import { StoreError } from '../../src/errors.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import { addEntry, makeHost } from '../engine/host.ts'
import { TamperedStore } from '../engine/tampered-store.ts'
import { byName } from './served.ts'

const publicUrl = 'https://hub.example'

it.each([
  ['unknown', null, 'It is not known whether this was saved. Reload and look.'],
  ['not_written', '1', 'The database was removed.'],
] as const)('a change whose outcome is %s is answered with that', async (outcome, retryAfter, detail) => {
  const store = new TamperedStore()
  const host = await makeHost({ store, scopes: true })
  const entryId = await addEntry({ latchkey: host.latchkey.scope('a'), service: host.service })
  const handler = latchkeyHandler(host.latchkey, { authorize: byName, publicUrl })
  store.onApply = async () => {
    throw new StoreError('The database was removed.', { outcome })
  }
  const response = await handler(
    new Request(`${publicUrl}/entries/${entryId}`, {
      method: 'PATCH',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer a/ada/manage',
        origin: publicUrl,
      },
      body: JSON.stringify({ title: 'Attic' }),
    }),
  )
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, retryAfter])
  expect(await response.json()).toMatchObject({ code: 'STORE', outcome, detail })
  handler.close()
})
