import { describe, expect, it } from '@jest/globals'
import * as z from 'zod'
import { issuesOf } from '../../../src/engine/flows/submitted-input.ts'

const schema = z.object({
  host: z.string().min(1),
  port: z.number().refine((port) => port > 0, { params: { code: 'no_port' } }),
})

describe('issuesOf', () => {
  it('finds none where the values fit', () => {
    expect(issuesOf(schema, { host: 'hub', port: 1 })).toEqual([])
  })

  it('finds the issues that zod would throw', () => {
    const values = { host: '', port: 0 }
    const { error } = schema.safeParse(values)
    const told = issuesOf(schema, values).map(({ code, path, params }) => ({ code, path, params }))
    const thrown = error?.issues.map((issue) => ({
      code: issue.code,
      path: issue.path,
      params: 'params' in issue ? issue.params : undefined,
    }))
    expect(told).toHaveLength(2)
    expect(told).toEqual(thrown)
  })

  it.each([z.string().refine(async () => true), z.promise(z.string())])(
    'refuses what could only be read asynchronously: %#',
    (slow) => {
      expect(() => issuesOf(slow, 'hub')).toThrow(z.core.$ZodAsyncError)
    },
  )
})
