/** A short message about the result of an action. */
export interface Toast {
  /** A toast with the same id is replaced. */
  readonly id?: string
  readonly kind: 'done' | 'working' | 'failed'
  readonly text: string
  /** A button, such as “Undo”. */
  readonly action?: { readonly label: string; run(): void } | undefined
  /** The name of the button that closes a failure. */
  readonly close?: string | undefined
}

/** Shows a toast. Its code loads with the first one, or when the page is idle. */
export const toast = (shown: Toast): void => void import('./toaster.tsx').then(({ show }) => show(shown))
