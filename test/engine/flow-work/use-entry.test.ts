import { describe, expect, it } from '@jest/globals'
import { useFailure } from '../../../src/engine/flow-work/use-entry.ts'
import {
  EntryNotLoadedError,
  ReauthRequiredError,
  RefreshFailedError,
  UnknownEntryError,
} from '../../../src/errors.ts'

describe('useFailure', () => {
  it.each([
    [new UnknownEntryError('e'), { type: 'missing' }],
    [new ReauthRequiredError('e', 'f'), { type: 'failed', error: 'reauth_required' }],
    [new EntryNotLoadedError('e', 'disabled', null), { type: 'disabled' }],
    [new EntryNotLoadedError('e', 'setup_retry', null), { type: 'failed', error: 'entry_not_loaded' }],
    [
      new RefreshFailedError('e', 'rate_limited', 60),
      { type: 'failed', error: 'rate_limited', until: 61_000 },
    ],
    [new RefreshFailedError('e', 'rate_limited', null), { type: 'failed', error: 'entry_not_loaded' }],
    [new RefreshFailedError('e', 'cannot_connect', 1), { type: 'failed', error: 'entry_not_loaded' }],
    [new Error('Boom.'), null],
  ])('says of %s what the flow is to show', (error, shown) => {
    expect(useFailure(error, 1_000)).toEqual(shown)
  })
})
