import { cataloguesOf } from './catalogue.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { fr } from './fr.ts'
import type { TextsOf } from './translation.ts'

/** The shape of the standard texts, in any language. */
export type StandardTexts = TextsOf<typeof en>

/** The standard texts by language. */
export const standardTexts = cataloguesOf({ en, de, fr })
