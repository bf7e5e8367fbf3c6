/**
 * A value that passes through machines without being seen: it sits in a private field, and JSON, `util.inspect`
 * and template strings show its label alone.
 */
export abstract class Opaque<Content> {
  readonly #content: Content
  readonly #label: string

  constructor(content: Content, label: string) {
    this.#content = content
    this.#label = label
  }

  /** The one way to the value. */
  reveal(): Content {
    return this.#content
  }

  toJSON(): string {
    return this.#label
  }

  toString(): string {
    return this.#label
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.#label
  }
}
