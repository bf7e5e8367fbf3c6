import { describe, expect, it } from '@jest/globals'
import { checkLimits } from '../../../src/engine/api/check-limits.ts'
import { DEFAULT_LIMITS, type Limits } from '../../../src/engine/api/latchkey.ts'
import { ConfigurationError } from '../../../src/errors.ts'
import { ScriptedService } from '../../../src/testing/scripted-service.ts'
import { addEntry, asForm, atRest, makeHost, openForm } from '../host.ts'

/** Values that a limit of any kind refuses. */
const never: readonly unknown[] = [Number.NaN, -1, Number.NEGATIVE_INFINITY, '30', null, true, 5n, {}]

const counts = [
  'openFlows',
  'subentries',
  'attemptsPerEntry',
  'attemptsPerDomain',
  'unreachablePerDomain',
] as const
const durations = [
  'flowIdle',
  'discoveryIdle',
  'tombstone',
  'refreshLease',
  'attemptsWindow',
  'disposeTimeout',
] as const

describe('limits', () => {
  it.each(Object.keys(DEFAULT_LIMITS))(
    'refuse a limits.%s that is not a sensible number, by name',
    (limit) => {
      for (const value of never) {
        const limits = { [limit]: value } as Partial<Limits>
        expect(() => checkLimits(limits)).toThrow(ConfigurationError)
        expect(() => checkLimits(limits)).toThrow(`Invalid limits.${limit}: `)
      }
    },
  )

  it('refuse a name that is not one of them', () => {
    const misspelled = { flowidle: 5 } as Partial<Limits>
    expect(() => checkLimits(misspelled)).toThrow('Unknown limits.flowidle. Use flowIdle, discoveryIdle,')
  })

  it.each(counts)('accept whole numbers from 1 as limits.%s', (limit) => {
    for (const value of [0, 0.5, 1.5, Number.POSITIVE_INFINITY])
      expect(() => checkLimits({ [limit]: value })).toThrow('Use a whole number from 1.')
    expect(checkLimits({ [limit]: 1 })[limit]).toBe(1)
  })

  it.each(durations)('accept finite times above 0 as limits.%s', (limit) => {
    for (const value of [0, Number.POSITIVE_INFINITY])
      expect(() => checkLimits({ [limit]: value })).toThrow('Use a finite number of milliseconds above 0.')
    expect(checkLimits({ [limit]: 3e9 })[limit]).toBe(3e9)
  })

  it('accept a history without an end, and tokens that are refreshed only when they have expired', () => {
    expect(checkLimits({ history: Number.POSITIVE_INFINITY, refreshSkew: 0, expiryNotice: 0 })).toEqual({
      ...DEFAULT_LIMITS,
      refreshSkew: 0,
      expiryNotice: 0,
    })
    expect(() => checkLimits({ history: 0 })).toThrow('Use a number of milliseconds above 0, or Infinity')
    expect(() => checkLimits({ refreshSkew: Number.POSITIVE_INFINITY })).toThrow('from 0')
  })

  it('keep the default for undefined', () => {
    const limits = Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((limit) => [limit, undefined]))
    expect(checkLimits(limits)).toEqual(DEFAULT_LIMITS)
  })

  it('never quote a value that is not a number, which can be a secret by mistake', () => {
    expect(() => checkLimits({ openFlows: 'hush' as never })).toThrow(
      'Invalid limits.openFlows: a string. Use a whole number from 1.',
    )
  })

  it('count refused logins although a budget is undefined', async () => {
    const host = await makeHost({ limits: { attemptsPerDomain: undefined as never } })
    let view = await openForm(host.latchkey)
    for (let attempt = 0; attempt < 25; attempt++)
      view = asForm(await host.latchkey.flows.submit(view.flowId, { host: 'h', token: 'bad' }, view))
    expect(host.service.connects).toHaveLength(20)
  })
})

describe('the timeouts of an integration', () => {
  it.each(['connectTimeout', 'disposeTimeout'] as const)(
    'refuse a %s that is not a sensible number',
    async (key) => {
      for (const value of [...never, 0])
        await expect(makeHost({ service: new ScriptedService({ [key]: value }) })).rejects.toThrow(
          `Integration "scripted": Invalid ${key}: `,
        )
    },
  )

  it('refuse an unlimited disposeTimeout, which would not bound stop()', async () => {
    const service = new ScriptedService({ disposeTimeout: Number.POSITIVE_INFINITY })
    await expect(makeHost({ service })).rejects.toThrow(ConfigurationError)
  })
})

describe('the timeout of a call', () => {
  it('is refused if it is not a sensible number, and the callback does not run', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    let calls = 0
    for (const timeout of [...never, 0])
      await expect(
        host.latchkey.entries.use(host.service.integration, entryId, () => calls++, {
          timeout: timeout as number,
        }),
      ).rejects.toMatchObject({ code: 'INVALID_INPUT', pointers: ['/timeout'] })
    expect(calls).toBe(0)
  })

  it.each([Number.POSITIVE_INFINITY, 2 ** 31, 3e9])(
    'of %d gives the callback the time that it needs',
    async (timeout) => {
      const host = await makeHost()
      const entryId = await addEntry(host)
      const call = host.latchkey.entries.use(
        host.service.integration,
        entryId,
        () => new Promise<string>((resolve) => host.clock.setTimeout(() => resolve('done'), 60_000)),
        { timeout },
      )
      await atRest()
      await host.pass(60_000)
      expect(await call).toBe('done')
    },
  )
})
