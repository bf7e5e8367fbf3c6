import type { Toast } from './toaster.tsx'

/** Shows a toast. Its code loads with the first one, or when the page is idle. */
export const toast = (shown: Toast): void => void import('./toaster.tsx').then(({ show }) => show(shown))

/** Closes a toast. */
export const hideToast = (id: string): void => void import('./toaster.tsx').then(({ hide }) => hide(id))
