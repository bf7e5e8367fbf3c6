import { describe, expect, it } from '@jest/globals'
import { eventOf } from '../../../src/engine/webhooks/events.ts'
import { auditRow } from '../../../src/testing/store-records.ts'

describe('eventOf', () => {
  it.each<[string, string | null, string | null, string | null]>([
    ['entry_created', null, 'entry.added', null],
    ['entry_removed', null, 'entry.removed', null],
    ['entry_removed', 'ignored', null, null],
    ['reauth_required', 'invalid_auth', 'entry.reauth_required', 'invalid_auth'],
    // The values before a reconfiguration, which needed the user already.
    ['credential_restored', 'requested', 'entry.reauth_required', 'requested'],
    ['credential_restored', null, null, null],
    ['credential_updated', 'repaired', 'entry.repaired', 'credential_updated'],
    ['credential_updated', null, null, null],
    ['account_replaced', 'repaired', 'entry.repaired', 'account_replaced'],
    ['reauth_repaired', null, 'entry.repaired', 'reauth_repaired'],
    ['reauth_withdrawn', null, 'entry.repaired', 'reauth_withdrawn'],
    ['credential_expiring', null, 'entry.expiring', null],
    ['flow_started', 'user', null, null],
    ['unknown_kind', null, null, null],
  ])('of %s (%s) is %s, with the reason %s', (kind, code, type, reason) => {
    const event = eventOf(auditRow({ kind, code }))
    if (type === null) return expect(event).toBeNull()
    expect(event).toMatchObject({ type, reason, entryId: 'entry-1', flowId: 'flow-1' })
  })

  it('is null without an entry', () => {
    expect(eventOf(auditRow({ kind: 'entry_created', entryId: null }))).toBeNull()
  })

  it('has the names of a removed entry, if the process that removed it has written them', () => {
    const entry = { domain: 'hub', title: 'Attic' }
    expect(eventOf(auditRow({ kind: 'entry_removed', entry }))?.removed).toEqual(entry)
    const older = eventOf(auditRow({ kind: 'entry_removed' }))
    expect(older?.removed).toEqual({ domain: null, title: null })
  })
})
