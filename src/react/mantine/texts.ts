import { textOf } from '../../texts/text-of.ts'

/** Every sentence that the components say themselves; views bring their own. `name` is an entry's title. */
export interface Texts {
  /**
   * By code, where the server sends no words in its reader's language: what is checked here, why an entry is tried
   * again, and problems.
   */
  readonly codes: Readonly<Record<string, string>>
  readonly created: (name: string) => string
  readonly stale: string
  readonly unreachable: string
  readonly failed: string
  readonly attention: (count: number) => string
  readonly wait: (seconds: number) => string
  readonly back: string
  readonly goTo: (name: string) => string
  readonly codeEnds: (seconds: number) => string
  readonly cancel: string
  readonly close: string
  readonly goOn: string
  readonly again: string
  readonly repair: string
  readonly repairOf: (name: string) => string
  /** Where an entry is, and where it was announced. */
  readonly moved: (before: string, after: string) => string
  readonly changeAddress: string
  readonly changeAddressOf: (name: string) => string
  readonly keepAddress: string
  readonly keepAddressOf: (name: string) => string
  readonly discovered: string
  readonly add: string
  readonly addOf: (name: string) => string
  readonly ignore: string
  readonly ignoreOf: (name: string) => string
  readonly isIgnored: (name: string) => string
  /** Above what is ignored. */
  readonly ignored: (count: number) => string
  readonly stopIgnoring: string
  readonly stopIgnoringOf: (name: string) => string
  readonly isOffered: (name: string) => string
  readonly noEntries: string
  readonly loading: string
  readonly working: string
  readonly showSecret: string
}

/** The sentences in English. */
export const english: Texts = {
  codes: {},
  created: (name) => `${name} is linked.`,
  stale: 'This has moved on in another window. Here is how it stands now.',
  unreachable: 'The server cannot be reached. Try again in a moment.',
  failed: 'This did not work.',
  attention: (count) => (count === 1 ? 'One entry needs you' : `${count} entries need you`),
  wait: (seconds) => `Wait ${seconds} s`,
  back: 'Back',
  goTo: (name) => `Continue at ${name}`,
  codeEnds: (seconds) =>
    `The code ends in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.`,
  cancel: 'Cancel',
  close: 'Close',
  goOn: 'Continue',
  again: 'Try again',
  repair: 'Repair',
  repairOf: (name) => `Repair ${name}`,
  moved: (before, after) => `Stored: ${before}. Announced: ${after}.`,
  changeAddress: 'Change address',
  changeAddressOf: (name) => `Change address of ${name}`,
  keepAddress: 'Keep address',
  keepAddressOf: (name) => `Keep address of ${name}`,
  discovered: 'Discovered',
  add: 'Add',
  addOf: (name) => `Add ${name}`,
  ignore: 'Ignore',
  ignoreOf: (name) => `Ignore ${name}`,
  isIgnored: (name) => `${name} will not be offered again.`,
  ignored: (count) => `Ignored (${count})`,
  stopIgnoring: 'Stop ignoring',
  stopIgnoringOf: (name) => `Stop ignoring ${name}`,
  isOffered: (name) => `${name} will be offered again when it is found.`,
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
