/** A dialog about an entry. */
export interface EntryDialog {
  readonly type: 'rename' | 'remove' | 'link'
  readonly entryId: string
  readonly title: string
  /** Set if the dialog is about a sub-entry. `title` is then the title of the sub-entry. */
  readonly subentryId?: string
}

/** The props of the content of a dialog. */
export interface EntryDialogProps {
  readonly entryId: string
  readonly title: string
  readonly subentryId?: string | undefined
  readonly onClose: () => void
}
