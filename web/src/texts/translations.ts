import type { TextsOf } from '../../../src/texts/translation.ts'
import type { en as webhooks } from '../webhooks/texts.ts'
import type { en } from './en.ts'

/** The texts of the page in one language. */
export interface Translation {
  readonly page: TextsOf<typeof en>
  readonly webhooks: TextsOf<typeof webhooks>
}

/** Loads a translation, by its language. English is always loaded. A new language is a file and a line here. */
export const translations: Readonly<Record<string, () => Promise<Translation>>> = {
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
}
