// Stores and ciphers.
import { LatchkeyError } from './latchkey-error.ts'

/** The store could not do it; nothing was written. `cause` is the driver's own error. */
export class StoreError extends LatchkeyError {
  readonly code = 'STORE'
}

/** A record was written by somebody else since it was read; nothing was written. */
export class RevisionConflictError extends LatchkeyError {
  readonly code = 'REVISION_CONFLICT'
  readonly kind: 'entry' | 'flow' | 'attempts'
  readonly id: string
  constructor(kind: 'entry' | 'flow' | 'attempts', id: string) {
    super(`The ${kind} was changed by somebody else meanwhile.`)
    this.kind = kind
    this.id = id
  }
}

type Slot = 'identity' | 'exclusive' | 'edit' | 'held' | 'asked'

const slotTaken: Readonly<Record<Slot, string>> = {
  identity: 'Another entry has this identity.',
  exclusive: 'Another entry has what only one may have.',
  edit: 'Another flow edits this entry.',
  held: 'Another flow holds this identity.',
  asked: 'Another flow was opened under this key.',
}

/** A unique slot is held by another record; nothing was written. */
export class SlotTakenError extends LatchkeyError {
  readonly code = 'SLOT_TAKEN'
  /**
   * `identity`: (scope, domain, uniqueId) of entries. `exclusive`: (scope, domain, exclusive) of entries. `edit`:
   * (scope, entryId) of open flows that edit. `held`: (scope, domain, uniqueId) of open flows. `asked`: (scope, principal, key) of flows.
   */
  readonly slot: Slot
  /** The entry or flow that holds it. */
  readonly holder: string
  constructor(slot: Slot, holder: string) {
    super(slotTaken[slot])
    this.slot = slot
    this.holder = holder
  }
}

/** The database was written by a newer version of Latchkey. */
export class NewerDatabaseError extends LatchkeyError {
  readonly code = 'NEWER_DATABASE'
  constructor() {
    super('The database was written by a newer version of Latchkey. Upgrade, or restore a backup.')
  }
}

/** A stored record cannot be understood: damaged, or of an unknown version. */
export class UnreadableRecordError extends LatchkeyError {
  readonly code = 'UNREADABLE_RECORD'
  readonly kind: 'entry' | 'flow' | 'attempts'
  readonly id: string
  constructor(kind: 'entry' | 'flow' | 'attempts', id: string, why = 'It is damaged.') {
    super(`The stored ${kind} cannot be read. ${why}`)
    this.kind = kind
    this.id = id
  }
}

/** Sealed values are there but no key that opens them. */
export class KeyMissingError extends LatchkeyError {
  readonly code = 'KEY_MISSING'
  constructor(
    message = 'There are sealed values and no key that opens them. Put the key back in its place.',
  ) {
    super(message)
  }
}

/** A sealed value was altered, or belongs to another record. */
export class SealBrokenError extends LatchkeyError {
  readonly code = 'SEAL_BROKEN'
  constructor() {
    super('A sealed value was altered, or belongs to another record.')
  }
}
