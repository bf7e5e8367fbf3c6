// Errors of stores and ciphers.
import { LatchkeyError } from './latchkey-error.ts'

/** A store operation failed. `outcome` is whether anything was written. `cause` is the error of the driver. */
export class StoreError extends LatchkeyError {
  readonly code = 'STORE'
  /**
   * `not_written`: nothing was written. `unknown`: a store in another process did not answer, and may have written the
   * whole transaction. Read the records again before you repeat it.
   */
  readonly outcome: 'not_written' | 'unknown'
  constructor(
    message: string,
    {
      outcome = 'not_written',
      ...options
    }: ErrorOptions & { readonly outcome?: 'not_written' | 'unknown' } = {},
  ) {
    super(message, options)
    this.outcome = outcome
  }
}

/** A kind of stored records. `webhook`: a row of the webhooks of a scope. */
type StoredKind = 'entry' | 'flow' | 'attempts' | 'webhook' | 'removal'

/** The record has changed since it was read. Nothing was written. */
export class RevisionConflictError extends LatchkeyError {
  readonly code = 'REVISION_CONFLICT'
  readonly kind: StoredKind
  readonly id: string
  constructor(kind: StoredKind, id: string) {
    super(`The ${kind} was changed by another call or process. Read it again and retry.`)
    this.kind = kind
    this.id = id
  }
}

type Slot = 'identity' | 'exclusive' | 'edit' | 'held' | 'asked'

/** The message for each slot. End users can see it, so it contains no stored values. */
const slotTaken: Readonly<Record<Slot, string>> = {
  identity: 'Another entry has the same unique id.',
  exclusive: 'Another entry has the same values, or only one entry is allowed.',
  edit: 'Another flow is editing this entry. Finish or cancel it first.',
  held: 'Another flow is open for the same account or device. Finish or cancel it first.',
  asked: 'This idempotency key was already used to open another flow.',
}

/** A unique slot is already taken by another record. Nothing was written. */
export class SlotTakenError extends LatchkeyError {
  readonly code = 'SLOT_TAKEN'
  /**
   * `identity`: (scope, domain, uniqueId) of entries. `exclusive`: (scope, domain, matchKey) of entries. `edit`:
   * (scope, entryId) of open flows that edit. `held`: (scope, domain, slot) of open flows. `asked`: (scope,
   * principal, key) of flows.
   */
  readonly slot: Slot
  /** The id of the entry or flow that holds the slot. */
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

/** A stored record is damaged or has an unknown version. */
export class UnreadableRecordError extends LatchkeyError {
  readonly code = 'UNREADABLE_RECORD'
  readonly kind: StoredKind
  readonly id: string
  constructor(kind: StoredKind, id: string, details = 'It is damaged.') {
    super(`The stored ${kind} ${id} cannot be read. ${details}`)
    this.kind = kind
    this.id = id
  }
}

/** The keys cannot be rotated or removed now. */
export class KeyRotationError extends LatchkeyError {
  readonly code = 'KEY_ROTATION'
}

/** The store has encrypted values, but their key is missing. */
export class KeyMissingError extends LatchkeyError {
  readonly code = 'KEY_MISSING'
  constructor(
    message = 'The store has encrypted values, but their key is missing. Restore the key from its backup.',
  ) {
    super(message)
  }
}

/** An encrypted value was altered, or it belongs to another record. */
export class SealBrokenError extends LatchkeyError {
  readonly code = 'SEAL_BROKEN'
  constructor() {
    super('An encrypted value was altered or belongs to another record. Restore a backup.')
  }
}

/** A file that is about to be created already exists. Nothing was written. */
export class FileExistsError extends LatchkeyError {
  readonly code = 'FILE_EXISTS'
  readonly path: string
  constructor(path: string) {
    super(`The file ${path} already exists. Choose another name.`)
    this.path = path
  }
}

/** Another process has the database open. Nothing was changed. */
export class DatabaseInUseError extends LatchkeyError {
  readonly code = 'DATABASE_IN_USE'
  readonly path: string
  constructor(path: string) {
    super(`A process has the database ${path} open. Stop it, then try again. Nothing was changed.`)
    this.path = path
  }
}

/** A file is not an undamaged backup of a database of Latchkey. Nothing was changed. */
export class InvalidBackupError extends LatchkeyError {
  readonly code = 'INVALID_BACKUP'
  readonly path: string
  constructor(path: string, details: string) {
    super(`The file ${path} cannot be restored. ${details} Nothing was changed.`)
    this.path = path
  }
}
