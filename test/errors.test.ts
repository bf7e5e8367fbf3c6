import { describe, expect, it } from '@jest/globals'
import * as errors from '../src/errors.ts'
import * as latchkey from '../src/index.ts'

const { LatchkeyError } = errors
const made: InstanceType<typeof LatchkeyError>[] = [
  new errors.AddressRefusedError(),
  new errors.AlreadyInProgressError('flow-1', 'reauth'),
  new errors.AttemptsExhaustedError(900),
  new errors.CannotConnectError(),
  new errors.CommittingError('creatingEntry'),
  new errors.ConfigurationError('It cannot work.'),
  new errors.EntryNotLoadedError('entry-1', 'setup_retry', 'timeout'),
  new errors.EntryStateError('entry-1', 'loaded', 'setup'),
  new errors.EntryVersionError('entry-1', 2, 1),
  new errors.EntryVersionError('entry-1', 1, 2),
  new errors.FlowEndedError(null),
  new errors.IdempotencyConflictError(),
  new errors.IntegrationError('hub', 'It contradicts itself.'),
  new errors.InvalidAuthError(),
  new errors.InvalidInputError('It does not fit.'),
  new errors.KeyMissingError(),
  new errors.NewerDatabaseError(),
  new errors.RateLimitedError(60),
  new errors.ReauthRequiredError('entry-1', null),
  new errors.RefreshFailedError('entry-1', 'timeout', 5),
  new errors.RevisionConflictError('entry', 'entry-1'),
  new errors.ScopeError('It is none.'),
  new errors.SealBrokenError(),
  new errors.SetupError(),
  new errors.SlotTakenError('identity', 'entry-1'),
  new errors.SlotTakenError('edit', 'flow-1'),
  new errors.StaleRevisionError(null),
  new errors.StoppedError(),
  new errors.StoreError('It could not.'),
  new errors.TooManyFlowsError(9),
  new errors.UnknownDomainError(),
  new errors.UnknownEntryError('entry-1'),
  new errors.UnknownFlowError('flow-1'),
  new errors.UnknownSubentryError('room-1'),
  new errors.UnreadableRecordError('flow', 'flow-1'),
  new errors.UseTimeoutError('entry-1'),
  new errors.WrongIntegrationError('entry-1', 'hub'),
  new errors.WrongStepError('user', 'back'),
]
const classes = Object.entries(errors).filter(([name]) => name !== 'LatchkeyError')

describe('every error', () => {
  it('is tried here', () => {
    expect([...new Set(made.map(({ name }) => name))].sort()).toEqual(classes.map(([name]) => name).sort())
  })

  it('is exported to hosts', () => {
    expect(Object.keys(latchkey)).toEqual(expect.arrayContaining(Object.keys(errors)))
  })

  it.each(made)('is a $name with a code and calm sentences', (error) => {
    expect(error).toBeInstanceOf(LatchkeyError)
    expect(error).toBeInstanceOf(Error)
    expect(error.code).toMatch(/^([a-z_]+|[A-Z_]+)$/)
    expect(error.message).toMatch(/^[A-Z].*\.$/)
    expect(error.message).not.toMatch(/[!]|undefined|null|\[object/)
    expect(String(error)).toBe(`${error.name}: ${error.message}`)
  })

  it('is told apart by its code', () => {
    const codes = new Map(made.map(({ name, code }) => [code, name]))
    expect(codes.size).toBe(classes.length)
  })

  it('carries its cause', () => {
    const cause = new Error('the driver’s own')
    for (const Type of [
      errors.CannotConnectError,
      errors.InvalidAuthError,
      errors.SetupError,
      errors.StoreError,
    ]) {
      expect(new Type('It could not.', { cause }).cause).toBe(cause)
    }
  })
})

describe('what a person reads', () => {
  it.each([
    [
      new errors.EntryNotLoadedError('e', 'setup_retry', 'timeout'),
      'The entry is not running (setup_retry: timeout).',
    ],
    [new errors.EntryNotLoadedError('e', 'disabled', null), 'The entry is not running (disabled).'],
    [new errors.UnreadableRecordError('entry', 'e'), 'The stored entry cannot be read. It is damaged.'],
    [new errors.SlotTakenError('identity', 'e'), 'Another entry has this identity.'],
    [new errors.SlotTakenError('edit', 'f'), 'Another flow edits this entry.'],
    [
      new errors.StaleRevisionError(null),
      'This has changed since it was shown. Show the current view and go on from that.',
    ],
    [
      new errors.CommittingError('s'),
      'The flow is saving and can no longer be called back. It ends in a moment.',
    ],
  ])('names what is and the way out: %s', (error, sentence) => {
    expect(error.message).toBe(sentence)
  })
})
