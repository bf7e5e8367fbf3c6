import { describe, expect, it } from '@jest/globals'
import { containedLog } from '../../../src/engine/lib/contained-log.ts'

describe('containedLog', () => {
  it('passes lines on', () => {
    const lines: unknown[] = []
    const write = (fields: object, message: string) => void lines.push([message, fields])
    const log = containedLog({ info: write, warn: write, error: write })
    log.info({}, 'one')
    log.warn({ code: 'x' }, 'two')
    log.error({}, 'three')
    expect(lines).toEqual([
      ['one', {}],
      ['two', { code: 'x' }],
      ['three', {}],
    ])
  })

  it('drops the error of a log that throws, and of one that rejects', async () => {
    const log = containedLog({
      info: () => {
        throw new Error('the worker has exited')
      },
      warn: async () => {
        throw new Error('the worker has exited')
      },
      error: () => {},
    })
    log.info({}, 'one')
    log.warn({}, 'two')
    await new Promise((resolve) => setImmediate(resolve))
    log.error({}, 'three')
  })
})
