/** A dialog about an entry, and the entry that it is about. */
export interface EntryDialog {
  readonly type: 'rename' | 'remove' | 'history' | 'link'
  readonly entryId: string
  readonly title: string
  /** What under the entry it is about, where it is not about the entry itself. */
  readonly subentryId?: string
}

/** What a dialog about an entry is given. */
export interface EntryDialogProps {
  readonly entryId: string
  readonly title: string
  readonly subentryId?: string | undefined
  readonly onClose: () => void
}
