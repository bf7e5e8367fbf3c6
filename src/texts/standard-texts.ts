import type { en } from './en.ts'

/** The names of the placeholders in an ICU message without plurals; those of any other are held by a test. */
type PlaceholdersOf<Message extends string> = Message extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholdersOf<Rest>
  : never

/** A message, which has to use the placeholders of another. */
type Like<Message extends string, Other extends string> = [
  PlaceholdersOf<Message>,
  PlaceholdersOf<Other>,
] extends [PlaceholdersOf<Other>, PlaceholdersOf<Message>]
  ? Message
  : { readonly placeholders: PlaceholdersOf<Other> }

/** What is shaped as the English texts are: every key, no other, each with its placeholders. */
type Translated<Texts, Others> = {
  readonly [Key in keyof Texts | keyof Others]: Key extends keyof Texts & keyof Others
    ? Texts[Key] extends string
      ? Others[Key] extends string
        ? Like<Texts[Key], Others[Key]>
        : Translated<Texts[Key], Others[Key]>
      : Translated<Texts[Key], Others[Key]>
    : never
}

/** The shape of the standard texts, in whatever language. */
export type StandardTexts = Shape<typeof en>
type Shape<Texts> = { readonly [Key in keyof Texts]: Texts[Key] extends string ? string : Shape<Texts[Key]> }

/** The standard texts in another language: compiles only with the keys and placeholders of the English ones. */
export const translated = <const Texts extends StandardTexts>(
  texts: Texts & Translated<Texts, typeof en>,
): StandardTexts => texts
