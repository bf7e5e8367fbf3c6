import { en } from './en.ts'

const texts: ReadonlyMap<string, string> = new Map(Object.entries({ ...en.abort, ...en.error }))

/** The sentence for a code, in English; a general one for a code that an integration made up. */
export function textOf(code: string): string {
  return texts.get(code) ?? en.error.invalid
}
