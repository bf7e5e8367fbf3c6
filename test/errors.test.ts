import { describe, expect, it } from '@jest/globals'
import * as errors from '../src/errors.ts'
import * as latchkey from '../src/index.ts'

const { LatchkeyError } = errors
const made: InstanceType<typeof LatchkeyError>[] = [
  new errors.AbortFlowError('no_api'),
  new errors.AddressRefusedError(),
  new errors.AlreadyInProgressError('flow-1', 'reauth'),
  new errors.AttemptsExhaustedError(900),
  new errors.CannotConnectError(),
  new errors.ClientRefusedError(),
  new errors.CommittingError('creatingEntry'),
  new errors.ConfigurationError('It cannot work.'),
  new errors.EntryNotLoadedError('entry-1', 'setup_retry', 'timeout'),
  new errors.EntryStateError('entry-1', 'loaded', 'setup'),
  new errors.EntryVersionError('entry-1', 2, 1),
  new errors.EntryVersionError('entry-1', 1, 2),
  new errors.FlowEndedError(null),
  new errors.FormError('wrong_pin'),
  new errors.IdempotencyConflictError(),
  new errors.IntegrationError('hub', 'It is invalid.'),
  new errors.InvalidAuthError(),
  new errors.InvalidInputError('It does not match.'),
  new errors.KeyMissingError(),
  new errors.KeyRotationError('It cannot be rotated.'),
  new errors.FileExistsError('backup.db'),
  new errors.DatabaseInUseError('latchkey.db'),
  new errors.InvalidBackupError('backup.db', 'It is empty.'),
  new errors.NewerDatabaseError(),
  new errors.RateLimitedError(60),
  new errors.ReauthRequiredError('entry-1', null),
  new errors.RefreshFailedError('entry-1', 'timeout', 5),
  new errors.RevisionConflictError('entry', 'entry-1'),
  new errors.ScopeError('It is invalid.'),
  new errors.SealBrokenError(),
  new errors.SetupError(),
  new errors.SlotTakenError('identity', 'entry-1'),
  new errors.SlotTakenError('edit', 'flow-1'),
  new errors.StaleRevisionError(null),
  new errors.StoppedError(),
  new errors.StoreError('It could not.'),
  new errors.TooManyFlowsError(9),
  new errors.TooManyWebhooksError(10),
  new errors.UnknownDomainError(),
  new errors.UnknownEntryError('entry-1'),
  new errors.UnknownFlowError('flow-1'),
  new errors.UnknownSubentryError('room-1'),
  new errors.UnknownWebhookError(),
  new errors.UnreadableRecordError('flow', 'flow-1'),
  new errors.UseTimeoutError('entry-1'),
  new errors.WrongAccountError(),
  new errors.WrongIntegrationError('entry-1', 'hub'),
  new errors.WrongStepError('user', 'back'),
]
const classes = Object.entries(errors).filter(([name]) => name !== 'LatchkeyError')

describe('every error', () => {
  it('is created in this test', () => {
    expect([...new Set(made.map(({ name }) => name))].sort()).toEqual(classes.map(([name]) => name).sort())
  })

  it('is exported from latchkey', () => {
    expect(Object.keys(latchkey)).toEqual(expect.arrayContaining(Object.keys(errors)))
  })

  it.each(made)('is a $name with a code and a message in full sentences', (error) => {
    expect(error).toBeInstanceOf(LatchkeyError)
    expect(error).toBeInstanceOf(Error)
    expect(error.code).toMatch(/^([a-z_]+|[A-Z_]+)$/)
    expect(error.message).toMatch(/^[A-Z].*\.$/)
    expect(error.message).not.toMatch(/[!]|undefined|null|\[object/)
    expect(String(error)).toBe(`${error.name}: ${error.message}`)
  })

  it('has a unique code', () => {
    const codes = new Map(made.map(({ name, code }) => [code, name]))
    expect(codes.size).toBe(classes.length)
  })

  it('keeps its cause', () => {
    const cause = new Error('the error of the driver')
    for (const Type of [
      errors.CannotConnectError,
      errors.ClientRefusedError,
      errors.InvalidAuthError,
      errors.SetupError,
      errors.StoreError,
    ]) {
      expect(new Type('It could not.', { cause }).cause).toBe(cause)
    }
  })
})

describe('messages for users', () => {
  it.each([
    [
      new errors.EntryNotLoadedError('e', 'setup_retry', 'timeout'),
      'Entry e is not loaded (setup_retry: timeout). Latchkey retries automatically. Try again later.',
    ],
    [
      new errors.EntryNotLoadedError('e', 'disabled', null),
      'Entry e is not loaded (disabled). Enable it first.',
    ],
    [new errors.UnreadableRecordError('entry', 'e'), 'The stored entry e cannot be read. It is damaged.'],
    [new errors.SlotTakenError('identity', 'e'), 'Another entry has the same unique id.'],
    [
      new errors.SlotTakenError('edit', 'f'),
      'Another flow is editing this entry. Finish or cancel it first.',
    ],
    [
      new errors.StaleRevisionError(null),
      'The revision is out of date: the flow or entry was changed in the meantime. Reload it and try again.',
    ],
    [
      new errors.CommittingError('s'),
      'The flow is saving and can no longer be cancelled. Get its view again in a moment.',
    ],
  ])('contain what happened and what to do: %s', (error, sentence) => {
    expect(error.message).toBe(sentence)
  })
})
