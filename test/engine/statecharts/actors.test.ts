import { describe, expect, it } from '@jest/globals'
import { present } from '../../../src/engine/statecharts/actors.ts'

describe('present', () => {
  it('returns a part of the context that is set', () => {
    expect(present('entry')).toBe('entry')
  })

  it('throws if the part is null', () => {
    expect(() => present(null)).toThrow(TypeError)
  })
})
