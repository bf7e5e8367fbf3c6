/** The names of the placeholders in an ICU message without plurals and selects. A test compares those of the others. */
type PlaceholdersOf<Message extends string> = Message extends `${string}, ${'plural' | 'select'},${string}`
  ? never
  : Message extends `${string}{${infer Name}}${infer Rest}`
    ? Name | PlaceholdersOf<Rest>
    : never

/** A message with the same placeholders as another. */
type WithPlaceholdersOf<Source extends string, Message extends string> = [
  PlaceholdersOf<Message>,
  PlaceholdersOf<Source>,
] extends [PlaceholdersOf<Source>, PlaceholdersOf<Message>]
  ? Message
  : { readonly placeholders: PlaceholdersOf<Source> }

/** Texts with exactly the keys of the source, each with its placeholders. */
type Matching<Source, Texts> = string extends keyof Source
  ? Texts
  : {
      readonly [Key in keyof Texts | keyof Source]: Key extends keyof Texts & keyof Source
        ? Texts[Key] extends string
          ? Source[Key] extends string
            ? WithPlaceholdersOf<Source[Key], Texts[Key]>
            : Matching<Source[Key], Texts[Key]>
          : Matching<Source[Key], Texts[Key]>
        : never
    }

/** Texts with the keys of a source, in any language. */
export type TextsOf<Source> = {
  readonly [Key in keyof Source]: Source[Key] extends string ? string : TextsOf<Source[Key]>
}

/** Checks a translation: it compiles only with the keys and placeholders of the source. */
export const translationOf =
  <Source>() =>
  <const Texts extends TextsOf<Source>>(texts: Texts & Matching<Source, Texts>): TextsOf<Source> =>
    texts
