import { describe, expect, it } from '@jest/globals'
import { credentialsOf } from '../../src/testing/credentials-of.ts'

const url = 'https://api.example/me'
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

describe('credentialsOf', () => {
  it.each([
    [{ authorization: 'Bearer token-of-ada' }, ['token-of-ada']],
    [{ authorization: 'token-of-ada' }, ['token-of-ada']],
    [{ authorization: basic('ada:pass:word-1') }, ['pass:word-1']],
    [{ authorization: basic('key-of-ada') }, ['key-of-ada']],
    [{ 'x-api-key': 'key-of-ada' }, ['key-of-ada']],
    [{ 'X-Auth-Token': 'token-of-ada' }, ['token-of-ada']],
    [{ 'PRIVATE-TOKEN': 'token-of-ada' }, ['token-of-ada']],
    [{ cookie: 'lang=de; session=session-of-ada' }, ['session-of-ada']],
  ])('finds the credential in %j', (headers, credentials) => {
    expect(credentialsOf(url, { headers })).toEqual(credentials)
    expect(credentialsOf(new Request(url, { headers }))).toEqual(credentials)
  })

  it.each([{}, { accept: 'application/json' }, { 'x-api-version': '2026-11-30' }, { 'x-api-key': 'short' }])(
    'finds none in %j',
    (headers) => {
      expect(credentialsOf(url, { headers })).toEqual([])
    },
  )
})
