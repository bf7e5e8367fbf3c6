import type { ConnectFailure } from '../../machines/check-result.ts'
import type { ConfigFlowSource } from '../../machines/config-flow-types.ts'
import type { AttentionItem, EntryState } from '../../src/index.ts'
import { de } from '../../src/texts/de.ts'
import { en } from '../../src/texts/en.ts'
import type { StandardTexts } from '../../src/texts/standard-texts.ts'
import { translationOf } from '../../src/texts/translation.ts'

en satisfies StandardTexts
de satisfies StandardTexts

// There is a text for each code and state.
en.error satisfies Readonly<Record<ConnectFailure, string>>
en.state satisfies Readonly<Record<EntryState, string>>
en.attention satisfies Readonly<Record<AttentionItem['reason'], string>>
en.flow_title satisfies Readonly<Record<ConfigFlowSource, string>>

const translated = translationOf<typeof en>()
translated(en) satisfies StandardTexts
translated({
  ...en,
  // @ts-expect-error: the translation lacks its placeholder
  create_entry: 'Connected.',
})
translated({
  ...en,
  // @ts-expect-error: the translation has another placeholder
  create_entry: '{title} is connected.',
})
translated({
  ...en,
  // @ts-expect-error: a code is missing
  error: { cannot_connect: 'Not there.' },
})
translated({
  ...en,
  // @ts-expect-error: unknown key
  greeting: 'Hello',
})
