// The exports of `latchkey/react/mantine`. The chunk of the form, with @rjsf, loads when a dialog opens.
export { AttentionBanner } from './attention-banner.tsx'
export { Discovered } from './discovered.tsx'
export { EntryList } from './entry-list.tsx'
export { FlowDialog } from './flow-dialog.tsx'
export { ServiceIcon } from './service-icon.tsx'
export { de as german } from './texts/de.ts'
export { en as english } from './texts/en.ts'
export type { Texts } from './use-texts.ts'
