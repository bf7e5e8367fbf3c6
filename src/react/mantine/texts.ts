import type { AttentionItem, EntryView, View } from '../../client/index.ts'
import { textOf } from '../../texts/text-of.ts'

/** Every sentence that the components show; `name` is an entry's title, or its integration's. */
export interface Texts {
  readonly title: Readonly<Record<View['source'], (name: string) => string>>
  /** Above a form, by step; a step without one has none. */
  readonly intro: Readonly<Record<string, (name: string) => string>>
  /** By code: errors of forms and fields, ends, and problems. What is absent is shown in the server's own words. */
  readonly codes: Readonly<Record<string, string>>
  readonly states: Readonly<Record<EntryView['state'], string>>
  readonly reasons: Readonly<Record<AttentionItem['reason'], string>>
  readonly created: (name: string) => string
  /** After a success, where the entry does not run yet. */
  readonly notRunning: (state: string) => string
  readonly stale: string
  readonly unreachable: string
  readonly failed: string
  readonly attention: (count: number) => string
  readonly next: string
  readonly submit: string
  readonly wait: (seconds: number) => string
  readonly back: string
  readonly goTo: (name: string) => string
  readonly codeEnds: (seconds: number) => string
  readonly cancel: string
  readonly close: string
  readonly again: string
  readonly repair: string
  readonly repairOf: (name: string) => string
  readonly noEntries: string
  readonly loading: string
  readonly working: string
  readonly showSecret: string
}

/** The sentences in English. */
export const english: Texts = {
  title: {
    user: (name) => `Link ${name}`,
    reauth: (name) => `Sign in to ${name} again`,
    reconfigure: (name) => `Change ${name}`,
    options: (name) => `Options of ${name}`,
    discovery: (name) => `Link ${name}`,
    import: (name) => `Link ${name}`,
  },
  intro: {
    reauth_confirm: (name) =>
      `${name} no longer accepts what was stored. Enter what it accepts now; it is tried before it is saved.`,
    discovery_confirm: (name) => `${name} was found. Confirm what was found; it is tried before it is saved.`,
    reconfigure: () => 'The changes are tried before they are saved.',
    challenge: (name) => `${name} asks for one more thing.`,
    pick_method: (name) => `How do you want to sign in to ${name}?`,
    authorize: (name) => `${name} asks you to sign in there. You come back here afterwards.`,
    device: () => 'Open this address on any device, and enter the code.',
  },
  codes: {},
  states: {
    not_loaded: 'Not running',
    migrating: 'Being updated',
    setup_in_progress: 'Connecting',
    loaded: 'Running',
    setup_retry: 'Trying again soon',
    setup_error: 'Cannot be set up',
    reauth_required: 'Needs a new sign-in',
    migration_error: 'Could not be updated',
    unload_in_progress: 'Stopping',
    failed_unload: 'Could not be stopped',
    disabled: 'Disabled',
  },
  reasons: {
    invalid_auth: 'The service refuses the stored credentials.',
    requested: 'Somebody asked for a new sign-in.',
    wrong_account: 'Another account answers at its address.',
    setup_error: 'It cannot be set up, and trying again does not help.',
    migration_error: 'Its stored data could not be updated; it is as it was.',
    newer_version: 'A newer version of its integration has written it. Update the integration.',
    pending_expiration: 'Its credentials end soon.',
    address_changed: 'It was announced at another address. Confirm it only if you know why.',
    unreadable: 'Its stored data cannot be read.',
  },
  created: (name) => `${name} is linked.`,
  notRunning: (state) => `It is saved, but not running yet: ${state}.`,
  stale: 'This has moved on in another window. Here is how it stands now.',
  unreachable: 'The server cannot be reached. Try again in a moment.',
  failed: 'This did not work.',
  attention: (count) => (count === 1 ? 'One entry needs you' : `${count} entries need you`),
  next: 'Next',
  submit: 'Save',
  wait: (seconds) => `Wait ${seconds} s`,
  back: 'Back',
  goTo: (name) => `Continue at ${name}`,
  codeEnds: (seconds) =>
    `The code ends in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.`,
  cancel: 'Cancel',
  close: 'Close',
  again: 'Try again',
  repair: 'Repair',
  repairOf: (name) => `Repair ${name}`,
  noEntries: 'Nothing is linked yet.',
  loading: 'Loading …',
  working: 'Trying it out …',
  showSecret: 'Show what is typed',
}

/** The sentences of a host over those in English. */
export const withEnglish = (texts: Partial<Texts> = {}): Texts => ({
  ...english,
  ...texts,
})

/** The sentence for a code: the host's, else the server's, else a general one. */
export const codeText = (texts: Texts, code: string, own?: string): string =>
  texts.codes[code] ?? own ?? textOf(code)
