import type { StandardTexts } from '../../../texts/standard-texts.ts'
import type { TextsOf } from '../../../texts/translation.ts'
import type { en } from './en.ts'

/** The texts of the components in one language. */
export interface Translation {
  readonly components: TextsOf<typeof en>
  /** The standard texts in the same language, for error codes. */
  readonly standard: StandardTexts
}

/** Loads a translation, by its language. English is always loaded. A new language is a file and a line here. */
export const translations: Readonly<Record<string, () => Promise<Translation>>> = {
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
}
