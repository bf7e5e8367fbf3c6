import { describe, expect, it } from '@jest/globals'
import { announcedKeyOf } from '../../../src/engine/integrations/values.ts'

describe('announcedKeyOf', () => {
  it('returns the same key again, also after many others', async () => {
    const keys = async () =>
      Promise.all(Array.from({ length: 110 }, (_, at) => announcedKeyOf('hub', `host-${at}`)))
    const first = await keys()
    expect(new Set(first).size).toBe(110)
    expect(await keys()).toEqual(first)
    // SHA-256 of the JSON text: keys are stored, so all versions return the same.
    expect(await announcedKeyOf('hub', 'host-0')).toBe(
      'announced:3db037ba176a341f0cf7576884f4db43205010df9d02ffb092f9b9bb6586777d',
    )
  })
})
