// The public list of `latchkey/react/mantine`. The form's chunk, with @rjsf, is loaded when a dialog opens.
export { AttentionBanner } from './attention-banner.tsx'
export { Discovered } from './discovered.tsx'
export { EntryList } from './entry-list.tsx'
export { FlowDialog } from './flow-dialog.tsx'
export { de as german } from './texts/de.ts'
export { en as english } from './texts/en.ts'
export type { Texts } from './use-texts.ts'
